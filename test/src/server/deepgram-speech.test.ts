import { DeepgramClient } from '@deepgram/sdk';
import { parseFormat } from '../../../src/audio/wav-format.js';
import { startRealServer, type TestServer } from '../../helpers/server.js';

const API_KEY = 'secret';
const TEXT = 'Good evening.';

describe("Deepgram's speech endpoint", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startRealServer({ apiKey: API_KEY, maxInput: 100 });
  }, 60_000);
  afterAll(() => server.close());

  const post = (query: string, body: object = { text: TEXT }) =>
    fetch(`${server.url}/v1/speak${query}`, {
      method: 'POST',
      headers: { Authorization: `Token ${API_KEY}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const bytesOf = async (query: string) => Buffer.from(await (await post(query)).arrayBuffer());

  it('serves the official SDK', async () => {
    const environment = {
      base: server.url,
      production: server.url,
      agent: server.url,
      agentRest: server.url,
    };
    const client = new DeepgramClient({ apiKey: API_KEY, environment });
    const { data, rawResponse } = await client.speak.v1.audio
      .generate({
        text: TEXT,
        model: 'aura-2-thalia-en',
        encoding: 'linear16',
        sample_rate: 16_000,
      })
      .withRawResponse();
    const bytes = Buffer.from(await data.arrayBuffer());
    expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
    const format = new DataView(bytes.buffer, bytes.byteOffset + 20, 16);
    expect(parseFormat(format, true)).toMatchObject({ sampleRate: 16_000, bitsPerSample: 16 });
    expect(bytes.length / 32_000).toBeGreaterThan(0.5);
    expect(rawResponse.headers.get('dg-model-name')).toBe('heart');
    expect(rawResponse.headers.get('dg-char-count')).toBe(String(TEXT.length));
    expect(rawResponse.headers.get('dg-request-id')).toBe(rawResponse.headers.get('x-request-id'));
  }, 60_000);

  it('sends MP3 unless asked for something else', async () => {
    const response = await post('?model=george');
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(response.headers.get('dg-model-name')).toBe('george');
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(2_000);
  }, 60_000);

  it('takes a bit rate, a sample rate and a container', async () => {
    const [low, high] = [await bytesOf('?bit_rate=32000'), await bytesOf('?bit_rate=96000')];
    expect(high.length).toBeGreaterThan(2 * low.length);
    const flac = await bytesOf('?encoding=flac&sample_rate=16000');
    // 20 bits of STREAMINFO
    expect(flac.readUIntBE(18, 3) >> 4).toBe(16_000);
    const [wide, narrow] = [
      await bytesOf('?encoding=linear16&container=none'),
      await bytesOf('?encoding=mulaw&speed=1'),
    ];
    expect(wide.length / narrow.length).toBeCloseTo(6, 1);
  }, 60_000);

  it.each([
    ['?encoding=ogg', { text: TEXT }, 400, 'FORMAT_UNKNOWN'],
    ['?encoding=mulaw&container=wav', { text: TEXT }, 400, 'FORMAT_UNKNOWN'],
    ['?encoding=linear16&sample_rate=1', { text: TEXT }, 400, 'OPTION_INVALID'],
    ['?encoding=linear16&bit_rate=32000', { text: TEXT }, 400, 'OPTION_INVALID'],
    ['?bit_rate=1', { text: TEXT }, 400, 'OPTION_INVALID'],
    ['?speed=9', { text: TEXT }, 400, 'SPEED_OUT_OF_RANGE'],
    ['?model=nobody', { text: TEXT }, 400, 'VOICE_UNKNOWN'],
    ['', { url: 'http://127.0.0.1/text' }, 400, 'BODY_INVALID'],
    ['', { text: '' }, 400, 'TEXT_EMPTY'],
    ['', { text: 'a'.repeat(101) }, 400, 'TEXT_TOO_LONG'],
  ])('refuses %s %j in its own shape', async (query, body, status, code) => {
    const response = await post(query, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      err_code: code,
      err_msg: expect.any(String) as string,
      request_id: response.headers.get('x-request-id'),
    });
  });
});
