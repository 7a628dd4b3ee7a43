import type { Response } from 'express';
import { setWarnings } from '../../../src/server/warnings.js';
import { OPENAI_VOICES } from '../../../tts/voices/resolve-voice.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';

type Voices = { object: string; data: { id: string }[]; voices: { id: string; name: string }[] };

describe('the other routes', () => {
  const engine = new ToneEngine();
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(async () => {
    await server.close();
  });
  const get = (path: string, init?: RequestInit) => fetch(server.url + path, init);

  it('lists models to the official client', async () => {
    const ids: string[] = [];
    for await (const model of server.client.models.list()) {
      ids.push(model.id);
    }
    expect(ids).toEqual(['linnet-24k', 'tts-1', 'tts-1-hd', 'gpt-4o-mini-tts']);
    expect(await server.client.models.retrieve('tts-1')).toMatchObject({ object: 'model' });
    const dated = 'gpt-4o-mini-tts-2025-12-15';
    expect(await server.client.models.retrieve(dated)).toMatchObject({ id: dated });
    await expect(server.client.models.retrieve('gpt-4')).rejects.toMatchObject({
      status: 404,
      code: 'MODEL_NOT_FOUND',
    });
  });

  it('lists models and voices in every shape clients read', async () => {
    const models = (await (await get('/v1/audio/models')).json()) as { models: { id: string }[] };
    expect(models.models[0]!.id).toBe('linnet-24k');
    const voices = (await (await get('/v1/audio/voices')).json()) as Voices;
    expect(voices.voices.map(({ id }) => id)).toEqual(['low', 'high', ...OPENAI_VOICES]);
    expect(voices.data).toEqual(voices.voices);
    expect(voices.voices[2]).toMatchObject({ id: 'alloy', name: 'alloy', alias_of: 'low' });
    // the sample's path is this machine's own
    expect(voices.voices[0]).not.toHaveProperty('sample');
    const legacy = (await (await get('/v1/audio/voices?legacy=true')).json()) as Voices;
    expect(legacy.voices.slice(0, 3)).toEqual(['low', 'high', 'alloy']);
  });

  it('sends a sample of a voice', async () => {
    // the fake's voices name files that are not there
    expect((await get('/v1/audio/voices/low/sample')).status).toBe(404);
    expect((await get('/v1/audio/voices/nobody/sample')).status).toBe(400);
    expect((await get('/v1/audio/voices/low/sample', { method: 'POST' })).status).toBe(405);
  });

  it('tells its health and its numbers', async () => {
    const health = await get('/healthz');
    expect(await health.json()).toEqual({
      status: 'ok',
      device: 'cpu',
      running: 0,
      waiting: 0,
      paused: 0,
    });
    await (await server.post({ model: 'tts-1', input: 'ab', voice: 'low' })).arrayBuffer();
    const totals = { runs: 2, streams: 6, seconds: 0.5 };
    engine.stages = {
      text: totals,
      tokens: { ...totals, streams: 7 },
      latents: totals,
      samples: totals,
    };
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain('linnet_engine_streams_total{stage="tokens"} 7');
    expect(metrics).toContain('linnet_speech_seconds_total{caller="anonymous"} 0.4');
    expect(metrics).toMatch(
      /linnet_http_requests_total\{route="\/v1\/audio\/speech",method="POST",status="200"\} 1/,
    );
  });

  it('gives every response an id and careful headers', async () => {
    const response = await get('/v1/models', { headers: { 'X-Request-Id': 'abc-1' } });
    expect(response.headers.get('x-request-id')).toBe('abc-1');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none';frame-ancestors 'none'",
    );
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(response.headers.get('strict-transport-security')).toBeNull();
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('etag')).toBeNull();
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const other = await get('/', { headers: { 'X-Request-Id': 'two words' } });
    expect(other.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers unknown addresses and methods in the same shape', async () => {
    const missing = await get('/v1/nothing');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { code: 'ROUTE_NOT_FOUND' } });
    const wrong = await get('/v1/audio/speech');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('POST');
    expect((await get('/v1/models', { method: 'DELETE' })).status).toBe(405);
    expect((await get('/%E0%A4%A')).status).toBe(404);
    expect((await get('/v1/models/%E0%A4%A')).status).toBe(404);
  });
});

describe('an API key', () => {
  it('is asked for where there is something to protect', async () => {
    const server = await startTestServer(new ToneEngine(), { apiKey: 'right' });
    try {
      expect(await server.client.models.retrieve('tts-1')).toMatchObject({ id: 'tts-1' });
      for (const authorization of ['', 'Bearer wrong', 'Basic right', 'Bearer', 'Bearer right x']) {
        const headers = { Authorization: authorization };
        const response = await fetch(`${server.url}/v1/models`, { headers });
        const isRight = authorization === 'Bearer right x';
        expect(response.status).toBe(isRight ? 200 : 401);
        expect(response.headers.get('www-authenticate')).toBe(isRight ? null : 'Bearer');
        await response.text();
      }
      const refused = await server.post({ model: 'tts-1', input: 'a', voice: 'low' });
      expect(await refused.json()).toMatchObject({
        error: { code: 'API_KEY_INVALID', type: 'authentication_error' },
      });
      expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect((await fetch(`${server.url}/`)).status).toBe(200);
    } finally {
      await server.close();
    }
  });
});

describe('several API keys', () => {
  it('are all let in, in each way of sending them', async () => {
    const apiKeys = [
      { name: 'alice', key: 'one' },
      { name: 'bob', key: 'two' },
    ];
    const server = await startTestServer(new ToneEngine(), { apiKeys });
    try {
      for (const [headers, status] of [
        [{ Authorization: 'Bearer one' }, 200],
        [{ Authorization: 'Token two' }, 200],
        [{ 'xi-api-key': 'two' }, 200],
        [{ 'xi-api-key': 'three' }, 401],
      ] as const) {
        expect((await fetch(`${server.url}/v1/models`, { headers })).status).toBe(status);
      }
      expect((await fetch(`${server.url}/v1/models?api_key=one`)).status).toBe(401);
    } finally {
      await server.close();
    }
  });
});

describe('CORS', () => {
  it('is open to the origins that were named', async () => {
    const server = await startTestServer(new ToneEngine(), { corsOrigins: ['https://a.example'] });
    try {
      const preflight = await fetch(`${server.url}/v1/audio/speech`, {
        method: 'OPTIONS',
        headers: {
          Origin: 'https://a.example',
          'Access-Control-Request-Headers': 'authorization,content-type,x-stainless-os',
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe('https://a.example');
      expect(preflight.headers.get('access-control-allow-headers')).toContain('x-stainless-os');
      const one = await fetch(`${server.url}/v1/models`, {
        headers: { Origin: 'https://a.example' },
      });
      expect(one.headers.get('access-control-allow-origin')).toBe('https://a.example');
      expect(one.headers.get('access-control-expose-headers')).toContain('X-Linnet-Warning');
      expect(one.headers.get('vary')).toContain('Origin');
      expect(one.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      const other = await fetch(`${server.url}/v1/models`, {
        headers: { Origin: 'https://b.example' },
      });
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
    } finally {
      await server.close();
    }
  });
});

describe('CORS with *', () => {
  it('is open to all', async () => {
    const server = await startTestServer(new ToneEngine(), { corsOrigins: ['*'] });
    try {
      const response = await fetch(`${server.url}/v1/models`, { headers: { Origin: 'null' } });
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
    } finally {
      await server.close();
    }
  });
});

describe('the address of a server', () => {
  it('has brackets around IPv6', async () => {
    const server = await startTestServer(new ToneEngine(), { host: '::1' });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await server.close();
  });
});

describe('setWarnings', () => {
  it('gives printable ASCII of at most 500 characters', () => {
    const headers = new Map<string, string>();
    const response = { setHeader: headers.set.bind(headers) } as unknown as Response;
    setWarnings(response, ['grüße öfter', 'x'.repeat(600)]);
    const value = headers.get('X-Linnet-Warning')!;
    expect(value.slice(0, 16)).toBe('gr??e ?fter; xxx');
    expect(value).toHaveLength(500);
  });
});
