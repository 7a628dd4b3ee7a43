import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { wordsOf } from '../../../helpers/character-times.js';
import { decodeWith, describeAudio } from '../../../helpers/ffmpeg.js';
import { startRealServer, type TestServer } from '../../../helpers/server.js';

const API_KEY = 'secret';
const TEXT = 'Though it cost $5, the "quick" fox jumped. Twice!  ';

/** Word starts as OpenAI's events tell them. */
async function spokenWords(server: TestServer) {
  const response = await server.post(
    {
      input: TEXT,
      voice: 'heart',
      response_format: 'pcm',
      stream_format: 'sse',
      word_timestamps: true,
    },
    { headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${API_KEY}` } },
  );
  const events = (await response.text())
    .split('\n\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line.slice(6)) as { words?: { word: string; start: number }[] });
  return events
    .flatMap(({ words = [] }) => words)
    .map(({ word, start }) => ({ word, startMs: start * 1000 }));
}

describe("ElevenLabs' HTTP endpoints with the real models", () => {
  let server: TestServer;
  let client: ElevenLabsClient;
  beforeAll(async () => {
    server = await startRealServer({ apiKey: API_KEY });
    client = new ElevenLabsClient({ apiKey: API_KEY, baseUrl: server.url, maxRetries: 0 });
  }, 60_000);
  afterAll(() => server.close());

  const bytesOf = async (stream: ReadableStream<Uint8Array>) =>
    Buffer.from(await new Response(stream).arrayBuffer());

  it('converts to MP3 at 44.1 kHz and 128 kbps unless asked for something else', async () => {
    const { data, rawResponse } = await client.textToSpeech
      .convert('heart', { text: TEXT, modelId: 'eleven_multilingual_v2', languageCode: 'en' })
      .withRawResponse();
    expect(rawResponse.headers.get('content-type')).toBe('audio/mpeg');
    const bytes = await bytesOf(data);
    expect(rawResponse.headers.get('content-length')).toBe(String(bytes.length));
    expect(describeAudio(bytes)).toBe('mp3, mono');
    // MPEG 1 layer III without checksum, bitrate index 9 (128 kbps), rate index 0 (44.1 kHz)
    expect(bytes.subarray(0, 2).toString('hex')).toBe('fffb');
    expect(bytes[2]! & 0xfc).toBe(0x90);
  });

  it('streams the same speech as it converts, at the speed asked for', async () => {
    const request = { text: TEXT, outputFormat: 'pcm_16000', seed: 5 } as const;
    const whole = await bytesOf(await client.textToSpeech.convert('heart', request));
    const { data, rawResponse } = await client.textToSpeech
      .stream('heart', request)
      .withRawResponse();
    expect(rawResponse.headers.get('transfer-encoding')).toBe('chunked');
    expect((await bytesOf(data)).equals(whole)).toBe(true);
    const other = await bytesOf(
      await client.textToSpeech.convert('heart', { ...request, seed: 6 }),
    );
    expect(other.equals(whole)).toBe(false);
    const fast = await bytesOf(
      await client.textToSpeech.convert('heart', { ...request, voiceSettings: { speed: 2 } }),
    );
    expect(fast.length / whole.length).toBeCloseTo(0.5, 1);
  });

  it('tells the times of all characters with the whole audio', async () => {
    const { audioBase64, alignment, normalizedAlignment } =
      await client.textToSpeech.convertWithTimestamps('heart', {
        text: TEXT,
        outputFormat: 'pcm_24000',
      });
    const { characters, characterStartTimesSeconds, characterEndTimesSeconds } = alignment!;
    expect(normalizedAlignment).toEqual(alignment);
    expect(characters).toEqual(Array.from(TEXT));
    const numSeconds = Buffer.from(audioBase64, 'base64').length / 2 / 24_000;
    expect(characterEndTimesSeconds.at(-1)).toBeCloseTo(numSeconds, 3);
    // each ends where the next begins
    expect(characterEndTimesSeconds.slice(0, -1)).toEqual(characterStartTimesSeconds.slice(1));
    const words = wordsOf(
      characters,
      characterStartTimesSeconds.map((seconds) => seconds * 1000),
    );
    const expected = await spokenWords(server);
    expect(words.map(({ word }) => word)).toEqual(expected.map(({ word }) => word));
    words.forEach(({ startMs }, index) => {
      expect(Math.abs(startMs - expected[index]!.startMs)).toBeLessThanOrEqual(1);
    });
  });

  it('tells them while it streams, each once, and the audio as it streams without them', async () => {
    const request = { text: TEXT, outputFormat: 'pcm_24000' } as const;
    const audio: Buffer[] = [];
    const characters: string[] = [];
    const startsMs: number[] = [];
    let numLines = 0;
    for await (const line of await client.textToSpeech.streamWithTimestamps('heart', request)) {
      numLines++;
      audio.push(Buffer.from(line.audioBase64, 'base64'));
      characters.push(...(line.alignment?.characters ?? []));
      const seconds = line.alignment?.characterStartTimesSeconds ?? [];
      startsMs.push(...seconds.map((start) => start * 1000));
    }
    expect(numLines).toBeGreaterThan(3);
    expect(characters.join('')).toBe(TEXT);
    const bare = await bytesOf(await client.textToSpeech.stream('heart', request));
    expect(Buffer.concat(audio).equals(bare)).toBe(true);
    const expected = await spokenWords(server);
    const words = wordsOf(characters, startsMs);
    words.forEach(({ word, startMs }, index) => {
      expect(word).toBe(expected[index]!.word);
      expect(Math.abs(startMs - expected[index]!.startMs)).toBeLessThanOrEqual(1);
    });
  });

  it.each([
    ['mp3_22050_32', []],
    ['opus_48000_64', []],
    ['wav_16000', []],
    ['pcm_8000', ['-f', 's16le', '-ar', '8000', '-ac', '1']],
    ['pcm_44100', ['-f', 's16le', '-ar', '44100', '-ac', '1']],
    ['ulaw_8000', ['-f', 'mulaw', '-ar', '8000', '-ac', '1']],
    ['alaw_8000', ['-f', 'alaw', '-ar', '8000', '-ac', '1']],
  ] as const)('sends %s', async (outputFormat, inputOptions) => {
    const request = { text: 'Hello there.' } as const;
    const reference = await bytesOf(
      await client.textToSpeech.convert('heart', { ...request, outputFormat: 'pcm_24000' }),
    );
    const bytes = await bytesOf(
      await client.textToSpeech.convert('heart', { ...request, outputFormat }),
    );
    // decoded at 24 kHz, it lasts as long, but for what MP3 adds at the ends
    const numSamples = decodeWith(bytes, inputOptions).length;
    expect(Math.abs(numSamples - reference.length / 2)).toBeLessThan(2_500);
  });

  it('lists the voices', async () => {
    const { voices, hasMore, totalCount } = await client.voices.search();
    expect([hasMore, totalCount]).toEqual([false, voices.length]);
    const older = await fetch(`${server.url}/v1/voices`, { headers: { 'xi-api-key': API_KEY } });
    const { voices: same } = (await older.json()) as { voices: { voice_id: string }[] };
    expect(same.map(({ voice_id: id }) => id)).toEqual(voices.map(({ voiceId }) => voiceId));
    expect(voices.map(({ voiceId }) => voiceId)).toContain('heart');
    expect(voices[0]).toMatchObject({
      category: 'premade',
      labels: { language: expect.stringMatching(/^en/) as string },
    });
    const preview = await fetch(`${server.url}${voices[0]!.previewUrl!}`, {
      headers: { 'xi-api-key': API_KEY, Authorization: `Bearer ${API_KEY}` },
    });
    expect(preview.status).toBe(200);
    await preview.arrayBuffer();
  });

  it.each([
    ['nobody', { text: 'x' }, '', 400, 'voice_not_found'],
    ['heart', { text: ' ' }, '', 400, 'text_empty'],
    ['heart', {}, '', 400, 'body_invalid'],
    ['heart', { text: 'x', model_id: 'other' }, '', 404, 'model_not_found'],
    ['heart', { text: 'x', voice_settings: { speed: 9 } }, '', 400, 'speed_out_of_range'],
    ['heart', { text: 'x' }, '?output_format=mp3', 400, 'invalid_output_format'],
  ])("refuses %s, %j%s in ElevenLabs' words", async (voice, body, query, status, word) => {
    const response = await fetch(`${server.url}/v1/text-to-speech/${voice}${query}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'xi-api-key': API_KEY },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ detail: { status: word } });
  });

  it('asks for the key, in either header', async () => {
    const list = (headers: Record<string, string>) => fetch(`${server.url}/v1/voices`, { headers });
    const refused = await list({ 'xi-api-key': 'wrong' });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ detail: { status: 'invalid_api_key' } });
    expect((await list({})).status).toBe(401);
    expect((await list({ 'xi-api-key': API_KEY })).status).toBe(200);
    expect((await list({ Authorization: `Bearer ${API_KEY}` })).status).toBe(200);
  });
});
