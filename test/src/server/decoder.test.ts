import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import type { ExportedDecoder } from '../../../codecs/exported-decoder.js';
import { Decoders } from '../../../src/server/decoders.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';

describe('the decoder that pages run', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(new ToneEngine(), { apiKey: 'key' });
  });
  afterAll(async () => {
    await server.close();
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, { headers: { Authorization: 'Bearer key', ...headers } });

  it('is served with its description, of the weights that are here', async () => {
    const [model, description] = await Promise.all([
      get('/v1/audio/decoder/rvq.onnx'),
      get('/audio/decoder/rvq.json'),
    ]);
    expect(model.headers.get('content-type')).toBe('application/octet-stream');
    expect(model.headers.get('cache-control')).toBe('private, no-cache');
    const bytes = new Uint8Array(await model.arrayBuffer());
    expect(bytes.length).toBe(Number(model.headers.get('content-length')));
    expect(bytes.length).toBeGreaterThan(30e6);
    expect(description.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const { weightsHash, ...rest } = (await description.json()) as ExportedDecoder;
    expect(rest).toMatchObject({ kind: 'rvq', weights: 'int8' });
    const weights = readFileSync('models/codec/model.safetensors');
    expect(weightsHash).toBe(createHash('sha256').update(weights).digest('hex'));
  }, 60_000);

  it.each(['rvq', 'single'])(
    'is served with the tables of entropy-coded files, of %s',
    async (kind) => {
      const response = await get(`/v1/audio/decoder/${kind}.tables`);
      expect(response.headers.get('content-type')).toBe('application/octet-stream');
      expect(response.headers.get('cache-control')).toBe('private, no-cache');
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(bytes.equals(readFileSync(`models/codec/${kind}.tables`))).toBe(true);
      expect(response.headers.get('etag')).toBe(
        `"${createHash('sha256').update(bytes).digest('hex')}"`,
      );
    },
    60_000,
  );

  it('is made once, and not sent to who has it', async () => {
    const first = await get('/v1/audio/decoder/rvq.json');
    await first.text();
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    // fetch would also say that it wants no answer from a cache
    const [again] = (await once(
      request(`${server.url}/v1/audio/decoder/rvq.json`, {
        headers: { Authorization: 'Bearer key', 'If-None-Match': etag },
      }).end(),
      'response',
    )) as [IncomingMessage];
    expect(again.statusCode).toBe(304);
    again.resume();
    const other = await get('/v1/audio/decoder/rvq.onnx', { 'If-None-Match': etag });
    expect(other.status).toBe(200);
    await other.body!.cancel();
  }, 60_000);

  it.each([
    ['/v1/audio/decoder/rvq.txt', 404, 'ROUTE_NOT_FOUND'],
    ['/v1/audio/decoder/opus.onnx', 404, 'ROUTE_NOT_FOUND'],
    ['/v1/audio/decoder/rvq.json?weights=int4', 400, 'OPTION_INVALID'],
    ['/v1/audio/decoder/rvq.json?weights=int8&weights=int8', 400, 'OPTION_INVALID'],
  ])('has no %s', async (path, status, code) => {
    const response = await get(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it('wants a key, and GET', async () => {
    const path = `${server.url}/v1/audio/decoder/rvq.json`;
    expect((await fetch(path)).status).toBe(401);
    expect((await fetch(path, { method: 'POST' })).status).toBe(405);
  });
});

describe('the decoders of a server', () => {
  it.each(['before its thread has begun', 'after'])('end with it, %s', async (when) => {
    const decoders = new Decoders();
    const made = decoders.get('single', 'float32');
    if (when === 'after') {
      await new Promise(setImmediate);
    }
    decoders.close();
    await expect(made).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
