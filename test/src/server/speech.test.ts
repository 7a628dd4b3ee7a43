import OpenAI from 'openai';
import { readWav } from '../../../src/audio/wav-reader.js';
import type { SpeakOptions } from '../../../tts/types.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { describeAudio } from '../../helpers/ffmpeg.js';
import { childrenNamed, waitUntil } from '../../helpers/processes.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';
import { amplitudeAt } from '../../helpers/tones.js';

const SPEECH = { model: 'tts-1', input: 'Hello.', voice: 'low' } as const;
const INPUT_SAMPLES = 6 * 4_800;

function toFloats(pcm: ArrayBuffer): Float32Array {
  return Float32Array.from(new Int16Array(pcm), (sample) => sample / 32_768);
}

describe('POST /v1/audio/speech', () => {
  const engine = new ToneEngine();
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    await server.close();
  });

  it('speaks to the official client', async () => {
    const response = await server.client.audio.speech.create({ ...SPEECH, response_format: 'pcm' });
    const samples = toFloats(await response.arrayBuffer());
    expect(samples).toHaveLength(INPUT_SAMPLES);
    expect(amplitudeAt(samples, 440)).toBeCloseTo(0.5, 2);
    expect(engine.calls.at(-1)).toMatchObject({
      text: 'Hello.',
      options: { voice: 'low', speed: 1 },
    });
  });

  it.each([
    ['mp3', 'audio/mpeg', 'mp3'],
    ['opus', 'audio/ogg; codecs=opus', 'opus'],
    ['aac', 'audio/aac', 'aac'],
    ['flac', 'audio/flac', 'flac'],
    ['wav', 'audio/wav', 'pcm_s16le'],
  ] as const)('sends %s', async (format, contentType, codec) => {
    const response = await server.client.audio.speech.create({
      ...SPEECH,
      response_format: format,
    });
    expect(response.headers.get('content-type')).toBe(contentType);
    // a FLAC of unknown length is not for every reader
    const isStreamed = response.headers.get('transfer-encoding') === 'chunked';
    expect(isStreamed).toBe(format !== 'flac');
    expect(describeAudio(Buffer.from(await response.arrayBuffer()))).toBe(`${codec}, mono`);
  });

  it('answers under a base address without /v1 and without a model', async () => {
    const response = await fetch(`${server.url}/audio/speech`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...SPEECH, model: undefined, response_format: 'pcm' }),
    });
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(INPUT_SAMPLES * 2);
    for (const path of ['/models', '/models/tts-1', '/audio/models', '/audio/voices']) {
      const short = await fetch(server.url + path);
      expect(short.status).toBe(200);
      expect(await short.text()).toBe(await (await fetch(`${server.url}/v1${path}`)).text());
    }
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).not.toContain('route="/audio/speech"');
    expect(metrics).toContain('route="/v1/audio/speech"');
  });

  it('sends mp3 unless asked for something else', async () => {
    const response = await server.client.audio.speech.create(SPEECH);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
  });

  it.each(['mulaw', 'alaw'])('sends %s at 8 kHz', async (format) => {
    const response = await server.post({ ...SPEECH, response_format: format });
    expect((await response.arrayBuffer()).byteLength).toBe(INPUT_SAMPLES / 3);
  });

  it('names exact sizes when not streaming, open ones when streaming', async () => {
    const body = { ...SPEECH, response_format: 'wav' };
    const whole = await server.post({ ...body, stream: false });
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect(whole.headers.get('content-length')).toBe(String(bytes.length));
    expect(bytes.readUInt32LE(40)).toBe(INPUT_SAMPLES * 2);
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
    const streamed = Buffer.from(await (await server.post(body)).arrayBuffer());
    expect(streamed.readUInt32LE(40)).toBe(0xffff_ffff);
    expect(readWav(streamed).samples).toEqual(readWav(bytes).samples);
  });

  it('reads markup where the field says so, and only there', async () => {
    const ssml =
      '<speak>ab<break time="500ms"/><voice name="FABLE">c</voice><mark name="x"/></speak>';
    const body = { ...SPEECH, input: ssml, response_format: 'pcm' };
    const response = await server.post({ ...body, input_format: 'ssml' });
    expect(response.headers.get('x-linnet-warning')).toBe(
      'SSML: mark is not supported; it was passed over.',
    );
    const samples = toFloats(await response.arrayBuffer());
    // "ab," and half a second, then "c." in the other voice
    expect(samples).toHaveLength(3 * 4_800 + 12_000 + 2 * 4_800);
    expect(samples.subarray(3 * 4_800, 3 * 4_800 + 12_000).every((sample) => sample === 0)).toBe(
      true,
    );
    expect(amplitudeAt(samples.subarray(-4_800), 880)).toBeCloseTo(0.5, 2);

    const german = '<speak><mark name="x"/>Ich weiß nicht, wo mein Bruder ist.</speak>';
    const both = await server.post({ ...body, input: german, input_format: 'ssml' });
    await both.arrayBuffer();
    expect(both.headers.get('x-linnet-warning')).toBe(
      'SSML: mark is not supported; it was passed over.; ' +
        'the text seems to be in German (de); it is read as if it were English',
    );

    const alias = '<speak><sub alias="my friend">Ich weiß nicht, wo mein Bruder ist</sub></speak>';
    const said = await server.post({ ...body, input: alias, input_format: 'ssml' });
    await said.arrayBuffer();
    expect(said.headers.has('x-linnet-warning')).toBe(false);

    const plain = await server.post(body);
    expect(plain.headers.has('x-linnet-warning')).toBe(false);
    await plain.arrayBuffer();
    expect(engine.calls.at(-1)?.text).toBe(ssml);
  });

  it.each([
    [{ input: '<speak>', input_format: 'ssml' }, 'MARKUP_INVALID', 'input'],
    [{ input: '<speak/>', input_format: 'ssml' }, 'TEXT_EMPTY', 'input'],
    [{ input: '<p hidden>x', input_format: 'html' }, 'TEXT_EMPTY', 'input'],
    [{ input_format: 'rtf' }, 'BODY_INVALID', 'input_format'],
    [
      { input: '<speak><voice name="nobody">x</voice></speak>', input_format: 'ssml' },
      'VOICE_UNKNOWN',
      'voice',
    ],
  ])('refuses the markup of %j', async (change, code, param) => {
    const response = await server.post({ ...SPEECH, ...change });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, param } });
  });

  it('understands every form of the voice field', async () => {
    for (const [voice, expected] of [
      ['high', 'high'],
      ['HIGH', 'high'],
      [{ id: 'high' }, 'high'],
      ['alloy', 'low'],
      ['fable', 'high'],
      ['cedar', 'low'],
    ] as const) {
      const response = await server.post({ ...SPEECH, voice, response_format: 'pcm' });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      expect(engine.calls.at(-1)?.options.voice).toBe(expected);
    }
  });

  it('passes speed, seed and temperature on, and takes null for "not given"', async () => {
    const extras = { speed: 2, seed: 7, temperature: 0.3, instructions: null, stream_format: null };
    const response = await server.post({ ...SPEECH, ...extras, response_format: null });
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    await response.arrayBuffer();
    expect(engine.calls.at(-1)?.options).toMatchObject({ speed: 2, seed: 7, temperature: 0.3 });
  });

  it.each(['application/octet-stream', 'application/json', 'text/html', 'nonsense'])(
    'never negotiates (Accept: %s)',
    async (accept) => {
      const headers = { 'Content-Type': 'application/json', Accept: accept };
      const response = await server.post(SPEECH, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('audio/mpeg');
      await response.arrayBuffer();
    },
  );

  it.each(['pcm', 'mp3', 'wav', 'opus'] as const)('sends %s as events', async (format) => {
    const response = await server.post({
      ...SPEECH,
      response_format: format,
      stream_format: 'sse',
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const lines = (await response.text()).split('\n\n').filter((line) => line !== '');
    const events = lines.map((line) => {
      expect(line.startsWith('data: ')).toBe(true);
      return JSON.parse(line.slice(6)) as { type: string; audio?: string; usage?: object };
    });
    const done = events.pop();
    expect(done).toEqual({
      type: 'speech.audio.done',
      usage: { input_tokens: 1, output_tokens: 30, total_tokens: 31 },
    });
    expect(events.every(({ type }) => type === 'speech.audio.delta')).toBe(true);
    const audio = Buffer.concat(events.map((event) => Buffer.from(event.audio!, 'base64')));
    const bare = await server.post({ ...SPEECH, response_format: format });
    const expected = Buffer.from(await bare.arrayBuffer());
    // Ogg streams carry a random serial number
    expect(format === 'opus' ? audio.length : audio).toEqual(
      format === 'opus' ? expected.length : expected,
    );
  });

  it('tells all words and the natural duration in events', async () => {
    const fields = { input: 'abc', response_format: 'flac', stream_format: 'sse', speed: 2 };
    const response = await server.post({ ...SPEECH, ...fields, word_timestamps: true });
    const events = (await response.text())
      .split('\n\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line.slice(6)) as { type: string; words?: object[] });
    expect(events.flatMap(({ words }) => words ?? [])).toEqual([
      { word: 'a', start: 0, end: 0.2 },
      { word: 'b', start: 0.2, end: 0.4 },
      { word: 'c', start: 0.4, end: 0.6 },
    ]);
    // 0.6 s at double speed are 1.2 s of 25 tokens each
    expect(events.at(-1)).toMatchObject({ usage: { output_tokens: 30 } });
  });

  it('tells words that come after the last sound', async () => {
    class LateEngine extends ToneEngine {
      override async *speak(text: string, options: SpeakOptions = {}) {
        yield* super.speak(text, options);
        // until all sound was sent
        await new Promise((resolve) => setTimeout(resolve, 100));
        const words = [{ word: 'late', startSeconds: 0.2, endSeconds: 0.2 }];
        yield { samples: new Float32Array(0), words, marks: [] };
        return undefined;
      }
    }
    const own = await startTestServer(new LateEngine());
    const fields = { response_format: 'pcm', stream_format: 'sse', word_timestamps: true };
    const response = await own.post({ ...SPEECH, ...fields, input: 'a' });
    const events = await response.text();
    await own.close();
    expect(events).toContain('"word":"late"');
  });

  it.each([
    [{ model: 5 }, 400, 'BODY_INVALID', 'model'],
    [{ word_timestamps: true }, 400, 'BODY_INVALID', 'word_timestamps'],
    [{ word_timestamps: 'yes' }, 400, 'BODY_INVALID', 'word_timestamps'],
    [{ input: undefined }, 400, 'BODY_INVALID', 'input'],
    [{ voice: undefined }, 400, 'BODY_INVALID', 'voice'],
    [{ input: 5 }, 400, 'BODY_INVALID', 'input'],
    [{ voice: { id: 5 } }, 400, 'BODY_INVALID', 'voice'],
    [{ speed: 'fast' }, 400, 'BODY_INVALID', 'speed'],
    [{ stream_format: 'video' }, 400, 'BODY_INVALID', 'stream_format'],
    [{ seed: -1 }, 400, 'BODY_INVALID', 'seed'],
    [{ temperature: 2.1 }, 400, 'BODY_INVALID', 'temperature'],
    [{ model: 'whisper-1' }, 404, 'MODEL_NOT_FOUND', 'model'],
    [{ input: '' }, 400, 'TEXT_EMPTY', 'input'],
    [{ input: ' \n\t\u00a0' }, 400, 'TEXT_EMPTY', 'input'],
    [{ input: '§§' }, 400, 'TEXT_EMPTY', 'input'],
    [{ input: 'a'.repeat(4_097) }, 400, 'TEXT_TOO_LONG', 'input'],
    [{ voice: 'nobody' }, 400, 'VOICE_UNKNOWN', 'voice'],
    [{ voice: '' }, 400, 'VOICE_UNKNOWN', 'voice'],
    [{ response_format: 'midi' }, 400, 'FORMAT_UNKNOWN', 'response_format'],
    [{ response_format: '' }, 400, 'FORMAT_UNKNOWN', 'response_format'],
    [{ speed: 0 }, 400, 'SPEED_OUT_OF_RANGE', 'speed'],
    [{ speed: 4.01 }, 400, 'SPEED_OUT_OF_RANGE', 'speed'],
    [{ input: '!' }, 500, 'INTERNAL', null],
    [{ input: '!', stream_format: 'sse' }, 500, 'INTERNAL', null],
    [{ input: '!', stream: false }, 500, 'INTERNAL', null],
  ])('answers %j with %d %s', async (change, status, code, param) => {
    const response = await server.post({ ...SPEECH, ...change });
    expect(response.status).toBe(status);
    const body = (await response.json()) as { error: Record<string, unknown> };
    expect(Object.keys(body.error).sort()).toEqual(['code', 'message', 'param', 'type']);
    expect(body.error).toMatchObject({ code, param });
    expect(body.error['type']).toBe(status < 500 ? 'invalid_request_error' : 'server_error');
    expect(body.error['message']).not.toContain('bug');
  });

  it.each(['', '{', 'null', '[]', '"text"', '{"input": "secret', '\u0000'])(
    'answers the body %j with 400',
    async (text) => {
      const response = await server.post(text);
      expect(response.status).toBe(400);
      const body = await response.text();
      expect(JSON.parse(body)).toMatchObject({ error: { code: 'BODY_INVALID' } });
      expect(body).not.toContain('secret');
    },
  );

  it('answers other content types with 400 and a hint', async () => {
    const response = await server.post(SPEECH, { headers: { 'Content-Type': 'text/plain' } });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('application/json');
  });

  it('answers 1 MB of text with 413', async () => {
    const response = await server.post({ ...SPEECH, input: 'word '.repeat(210_000) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
  });

  it('lets the official client see code and param', async () => {
    const failure = await server.client.audio.speech
      .create({ ...SPEECH, voice: 'nobody' })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
    expect(failure).toMatchObject({ code: 'VOICE_UNKNOWN', param: 'voice', status: 400 });
  });

  it('repairs lone surrogates and speaks on', async () => {
    const body = `{"model":"tts-1","voice":"low","response_format":"pcm","input":"a\\ud800b\\udc00"}`;
    const response = await server.post(body);
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    expect(engine.calls.at(-1)?.text).toBe('a\ufffdb\ufffd');
  });

  it('breaks the connection when speech fails in the middle, or says so in an event', async () => {
    const broken = await server.post({ ...SPEECH, input: 'ab!', response_format: 'pcm' });
    expect(broken.status).toBe(200);
    await expect(broken.arrayBuffer()).rejects.toThrow();
    const events = await server.post({
      ...SPEECH,
      input: 'ab!',
      response_format: 'pcm',
      stream_format: 'sse',
    });
    const last = (await events.text()).trim().split('\n\n').pop()!;
    expect(JSON.parse(last.slice(6))).toMatchObject({
      type: 'speech.audio.error',
      error: { code: 'INTERNAL' },
    });
    await waitUntil(() => engine.numActive === 0);
  });

  it('leaves no ffmpeg behind after all this once it is closed', async () => {
    await server.close();
    await waitUntil(() => childrenNamed('ffmpeg').length === 0);
  });
});
