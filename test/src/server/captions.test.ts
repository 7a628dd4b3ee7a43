import { ToneEngine } from '../../helpers/fake-engine.js';
import { waitUntil } from '../../helpers/processes.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';

describe('POST /v1/audio/captions', () => {
  const engine = new ToneEngine(5);
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine, { maxRunning: 1 });
  });
  afterAll(async () => {
    await server.close();
  });
  const post = (body: object, init: RequestInit = {}) =>
    fetch(`${server.url}/v1/audio/captions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ voice: 'low', ...body }),
      ...init,
    });

  // each character is a word of 200 ms; a caption that is shorter than a second stays that long where
  // the speech does
  it.each([
    [{}, 'application/x-subrip; charset=utf-8', '1\n00:00:00,000 --> 00:00:00,400\na b\n'],
    [
      { response_format: 'vtt' },
      'text/vtt; charset=utf-8',
      'WEBVTT\n\n00:00:00.000 --> 00:00:00.400\na <00:00:00.200>b\n',
    ],
    [
      { response_format: 'JSON' },
      'application/json; charset=utf-8',
      '[\n  {"word":"a","start":0,"end":0.2},\n  {"word":"b","start":0.2,"end":0.4}\n]\n',
    ],
  ])('answers %j as %s', async (fields, contentType, text) => {
    const response = await post({ input: 'ab', ...fields });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(contentType);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe(text);
  });

  it('speaks as the speech endpoint would', async () => {
    const fields = {
      model: 'tts-1',
      input: 'ab',
      voice: 'fable',
      speed: 2,
      seed: 7,
      temperature: 0.3,
      dictionary: { ab: 'cd' },
    };
    await (await server.post({ ...fields, response_format: 'pcm' })).arrayBuffer();
    await (await post(fields)).text();
    const [spoken, captioned] = engine.calls.slice(-2).map(({ text, options }) => ({
      text,
      options: { ...options, signal: undefined },
    }));
    expect(captioned).toEqual(spoken);
    expect(captioned!.options).toMatchObject({ voice: 'high', speed: 2, seed: 7 });
  });

  it('reads markup, with its warnings and pauses', async () => {
    const input = '<speak>a<break time="500ms"/><mark name="x"/>c</speak>';
    const response = await post({ input, input_format: 'ssml', response_format: 'json' });
    expect(response.headers.get('x-linnet-warning')).toContain('mark is not supported');
    const words = (await response.json()) as { word: string; start: number }[];
    // "a," and half a second, then "c."
    expect(words.find(({ word }) => word === 'c')!.start).toBeCloseTo(0.9, 2);
  });

  it.each([
    [{ input: 'a', response_format: 'mp3' }, 400, 'FORMAT_UNKNOWN', 'response_format'],
    [{ input: 'a', response_format: 5 }, 400, 'BODY_INVALID', 'response_format'],
    [{}, 400, 'BODY_INVALID', 'input'],
    [{ input: 'a', voice: 'nobody' }, 400, 'VOICE_UNKNOWN', 'voice'],
    [{ input: '!' }, 500, 'INTERNAL', null],
    [{ input: 'ab!' }, 500, 'INTERNAL', null],
  ])('answers %j with %d %s', async (body, status, code, param) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, param } });
  });

  it('lets others speak between', async () => {
    const ends: string[] = [];
    const long = post({ input: 'a'.repeat(200) }).then(async (response) => {
      await response.text();
      ends.push('captions');
    });
    await waitUntil(() => engine.numActive === 1);
    const short = server.post({ model: 'tts-1', voice: 'low', input: 'b', response_format: 'pcm' });
    await (await short).arrayBuffer();
    ends.push('speech');
    await long;
    expect(ends).toEqual(['speech', 'captions']);
  });

  it('ends when the client leaves', async () => {
    const leaving = new AbortController();
    const answer = post({ input: 'a'.repeat(4_000) }, { signal: leaving.signal });
    await waitUntil(() => engine.numActive === 1);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await waitUntil(() => engine.numActive === 0);
  });

  it('counts what was spoken, and is for POST', async () => {
    const seconds = async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      return Number(/^linnet_speech_seconds_total\{.*\} (.*)$/m.exec(metrics)![1]);
    };
    const before = await seconds();
    await (await post({ input: 'abc' })).text();
    await waitUntil(() => engine.numActive === 0);
    expect((await seconds()) - before).toBeCloseTo(0.6, 5);
    const wrong = await fetch(`${server.url}/audio/captions`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
