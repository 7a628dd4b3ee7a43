import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { writeLnt, type Codec } from '../../../index.js';
import { readAudioFile } from '../../../src/audio/read-audio.js';
import { readWav } from '../../../src/audio/wav-reader.js';
import { toS16Bytes } from '../../../src/audio/pcm.js';
import { makeWavHeader } from '../../../src/audio/wav-header.js';
import { largestDifference } from '../../helpers/chunks.js';
import { withCallsWatched } from '../../helpers/codec-calls.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { startRealServer, startTestServer, type TestServer } from '../../helpers/server.js';
import { FFMPEG } from '../../helpers/ffmpeg.js';
import { sine } from '../../helpers/tones.js';

const SECOND = 24_000;
const LNT = 'application/vnd.linnet.lnt';
/** 16 bits, and the codec's own streams against the whole. */
const TOLERANCE = 1 / 32_768 + 1e-4;

type Body = Uint8Array | ReadableStream<Uint8Array> | FormData;

function post(
  server: TestServer,
  path: string,
  body: Body,
  headers: Record<string, string> = body instanceof FormData
    ? {}
    : { 'Content-Type': 'application/octet-stream' },
): Promise<Response> {
  const init = { method: 'POST', headers, body, duplex: 'half' };
  return fetch(`${server.url}/v1/audio/${path}`, init as RequestInit);
}

function form(fields: Record<string, string>, file: Uint8Array, fileFirst = false): FormData {
  const data = new FormData();
  if (fileFirst) {
    data.append('file', new Blob([new Uint8Array(file)]), 'a.wav');
  }
  for (const [name, value] of Object.entries(fields)) {
    data.append(name, value);
  }
  if (!fileFirst) {
    data.append('file', new Blob([new Uint8Array(file)]), 'a.wav');
  }
  return data;
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  expect(await failureOf(response.clone())).toBeUndefined();
  return new Uint8Array(await response.arrayBuffer());
}

async function failureOf(
  response: Response,
): Promise<{ status: number; code: string } | undefined> {
  if (response.status === 200) {
    return undefined;
  }
  const { error } = (await response.json()) as { error: { code: string; param: string | null } };
  return { status: response.status, code: error.code };
}

function wavOf(samples: Float32Array): Uint8Array {
  const bytes = toS16Bytes(samples);
  return new Uint8Array(Buffer.concat([makeWavHeader(bytes.length, SECOND), bytes]));
}

/** A body that its test sends piece by piece. */
function slowBody() {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  return {
    stream,
    send: (bytes: Uint8Array) => {
      controller.enqueue(bytes);
    },
    end: () => {
      controller.close();
    },
    fail: () => {
      controller.error(new Error('the client breaks off'));
    },
  };
}

describe('with the real codec', () => {
  let server: Awaited<ReturnType<typeof startRealServer>>;
  let wav: Uint8Array;
  let audio: Float32Array;
  let codec: Codec;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'linnet-codec-'));
    server = await startRealServer();
    wav = await readFile('samples/slt.wav');
    audio = await readAudioFile('samples/slt.wav');
    codec = await server.engine.loadCodec('rvq');
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('encodes what the library does, and decodes it', async () => {
    const encoded = await post(server, 'encode?levels=4&tags=%7B%22a%22%3A1%7D', wav);
    expect(encoded.headers.get('content-type')).toBe(LNT);
    const bytes = await bytesOf(encoded);
    const codes = await codec.encode(audio, { numCodebooks: 4 });
    expect(Buffer.compare(bytes, writeLnt(codes, codec, { tags: { a: 1 } }))).toBe(0);
    const decoded = await post(server, 'decode', bytes, { 'Content-Type': LNT });
    expect(decoded.headers.get('content-type')).toBe('audio/wav');
    const { samples } = readWav(await bytesOf(decoded));
    const whole = await codec.decode(codes);
    expect(largestDifference(samples, whole)).toBeLessThan(TOLERANCE);
    const part = await post(server, 'decode?start=0.5&duration=0.25&response_format=pcm', bytes);
    const pcm = await bytesOf(part);
    expect(pcm).toHaveLength(0.25 * SECOND * 2);
    expect(Buffer.compare(pcm, toS16Bytes(samples.subarray(SECOND / 2, 0.75 * SECOND)))).toBe(0);
  });

  it('entropy-codes and decodes that', async () => {
    const packed = await bytesOf(await post(server, 'encode', wav));
    const coded = await bytesOf(await post(server, 'encode?entropy=true', wav));
    expect(coded.length).toBeLessThan(packed.length);
    const [one, other] = await Promise.all(
      [packed, coded].map(async (bytes) => bytesOf(await post(server, 'decode', bytes))),
    );
    expect(Buffer.compare(other!, one!)).toBe(0);
  });

  it('takes forms, with the fields in them, and the single codec', async () => {
    const response = await post(server, 'encode?codec=rvq', form({ codec: 'single' }, wav));
    const single = await server.engine.loadCodec('single');
    const expected = writeLnt(await single.encode(audio), single);
    expect(Buffer.compare(await bytesOf(response), expected)).toBe(0);
  });

  it('takes any format, also one with its index at the end', async () => {
    for (const name of ['a.mp3', 'a.mp4']) {
      const path = join(folder, name);
      spawnSync(FFMPEG, ['-v', 'error', '-i', 'samples/slt.wav', path]);
      const compressed = await readFile(path);
      const bytes = await bytesOf(await post(server, 'encode?levels=1', compressed));
      const { samples } = readWav(await bytesOf(await post(server, 'decode', bytes)));
      expect(Math.abs(samples.length - audio.length)).toBeLessThan(0.15 * SECOND);
    }
  });

  it('answers while the request still comes, for two clients at once', async () => {
    const long = wavOf(sine(6 * SECOND, 300));
    const clients = [1, 2].map(async (levels) => {
      const body = slowBody();
      body.send(long.subarray(0, 44 + 2 * 3 * SECOND));
      const response = await post(server, `encode?levels=${levels}`, body.stream);
      const reader = response.body!.getReader();
      const first = await reader.read();
      expect(first.done).toBe(false);
      body.send(long.subarray(44 + 2 * 3 * SECOND));
      body.end();
      const parts = [first.value!];
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        parts.push(next.value);
      }
      return Buffer.concat(parts);
    });
    const files = await Promise.all(clients);
    const { samples } = readWav(long);
    for (const [index, file] of files.entries()) {
      const codes = await codec.encode(samples, { numCodebooks: index + 1 });
      expect(Buffer.compare(file, writeLnt(codes, codec))).toBe(0);
    }
  });

  it('frees the codec when the client leaves', async () => {
    const { calls } = await withCallsWatched(async (soFar) => {
      const body = slowBody();
      body.send(wavOf(sine(4 * SECOND, 300)).subarray(0, 44 + 2 * 3 * SECOND));
      const response = await post(server, 'encode', body.stream);
      await response.body!.getReader().read();
      body.fail();
      while (!soFar.some(([name]) => name === 'closeStream')) {
        await setTimeout(10);
      }
    });
    expect(calls.filter(([name]) => name === 'openEncoder')).toHaveLength(1);
    // the place is given back a moment later
    const readMetrics = async () => (await fetch(`${server.url}/metrics`)).text();
    while (!/^linnet_codec_running 0$/m.test(await readMetrics())) {
      await setTimeout(10);
    }
  });

  it('gives silence for damage and warns of it in the trailer, or fails', async () => {
    const tone = sine(4 * SECOND, 300);
    const bytes = writeLnt(await codec.encode(tone), codec);
    bytes[Math.floor(bytes.length * 0.6)]! ^= 0x55;
    const { response, data } = await rawPost(server, 'decode?response_format=pcm', bytes);
    expect(data).toHaveLength(4 * SECOND * 2);
    expect(response.headers['trailer']).toBe('X-Linnet-Warning');
    expect(response.trailers['x-linnet-warning']).toMatch(/^The file is damaged: /);
    await expect(rawPost(server, 'decode?strict=true', bytes)).rejects.toThrow();
    const cut = bytes.slice(0, 40);
    expect(await failureOf(await post(server, 'decode', cut))).toEqual({
      status: 400,
      code: 'BITSTREAM_TRUNCATED',
    });
    const other = writeLnt(await codec.encode(tone), { ...propertiesOf(codec) });
    expect(await failureOf(await post(server, 'decode', other))).toEqual({
      status: 422,
      code: 'WEIGHTS_DIFFER',
    });
    const forced = await post(server, 'decode?force=true&response_format=pcm', other);
    expect(await bytesOf(forced)).toHaveLength(4 * SECOND * 2);
  });
});

function propertiesOf({ kind, name, sampleRate, channels, frameSize, ...rest }: Codec) {
  const { frameRate, numCodebooks, cardinality } = rest;
  const sizes = { sampleRate, channels, frameSize, frameRate, numCodebooks, cardinality };
  return { kind, name, ...sizes, weightsHash: 'ab'.repeat(32) };
}

/** As a client that knows trailers. */
async function rawPost(server: TestServer, path: string, body: Uint8Array) {
  const request = httpRequest(`${server.url}/v1/audio/${path}`, { method: 'POST' });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) {
    parts.push(part as Buffer);
  }
  return { response, data: Buffer.concat(parts) };
}

describe('what is refused', () => {
  let server: TestServer;
  const wav = wavOf(sine(SECOND, 300));
  beforeAll(async () => {
    server = await startTestServer(new ToneEngine(), {
      maxAudioBytes: 100_000,
      maxAudioSeconds: 1,
      stallTimeoutMs: 300,
      apiKeys: [{ name: 'a', key: 'k' }],
    });
  });
  afterAll(async () => {
    await server.close();
  });
  const auth = { Authorization: 'Bearer k' };
  const octets = { ...auth, 'Content-Type': 'application/octet-stream' };

  const cases: [string, string, () => Body, Record<string, string>, number, string][] = [
    ['no key', 'encode', () => wav, {}, 401, 'API_KEY_INVALID'],
    [
      'JSON',
      'encode',
      () => wav,
      { ...auth, 'Content-Type': 'application/json' },
      415,
      'BODY_TYPE_UNSUPPORTED',
    ],
    [
      'gzip',
      'decode',
      () => wav,
      { ...octets, 'Content-Encoding': 'gzip' },
      415,
      'BODY_TYPE_UNSUPPORTED',
    ],
    ['a large file', 'encode', () => new Uint8Array(100_001), octets, 413, 'BODY_TOO_LARGE'],
    [
      'a large stream',
      'encode',
      () => streamed(wav, new Uint8Array(60_000)),
      octets,
      413,
      'BODY_TOO_LARGE',
    ],
    ['a long audio', 'encode', () => wavOf(sine(SECOND + 1, 300)), octets, 413, 'AUDIO_TOO_LONG'],
    ['nothing', 'encode', () => new Uint8Array(0), octets, 400, 'AUDIO_EMPTY'],
    ['no audio', 'encode', () => new Uint8Array(5_000).fill(7), octets, 400, 'AUDIO_INVALID'],
    ['half a WAV file', 'encode', () => wav.slice(0, 9_000), octets, 400, 'AUDIO_INVALID'],
    ['no token file', 'decode', () => wav, octets, 400, 'BITSTREAM_INVALID'],
    ['no codec of that name', 'encode?codec=x', () => wav, octets, 400, 'BODY_INVALID'],
    ['too many levels', 'encode?levels=9', () => wav, octets, 400, 'BODY_INVALID'],
    ['no levels', 'encode?levels=0', () => wav, octets, 400, 'BODY_INVALID'],
    ['tags that are a list', 'encode?tags=[]', () => wav, octets, 400, 'BODY_INVALID'],
    ['an unknown format', 'decode?response_format=x', () => wav, octets, 400, 'FORMAT_UNKNOWN'],
    ['a negative start', 'decode?start=-1', () => wav, octets, 400, 'BODY_INVALID'],
    ['no duration', 'decode?duration=0', () => wav, octets, 400, 'BODY_INVALID'],
    ['a flag that is none', 'decode?strict=1', () => wav, octets, 400, 'BODY_INVALID'],
    [
      'a form without boundary',
      'encode',
      () => wav,
      { ...auth, 'Content-Type': 'multipart/form-data' },
      400,
      'BODY_INVALID',
    ],
    [
      'a form that is none',
      'encode',
      () => wav,
      { ...auth, 'Content-Type': 'multipart/form-data; boundary=b' },
      400,
      'BODY_INVALID',
    ],
    ['a form without a file', 'encode', () => formOf({ codec: 'rvq' }), auth, 400, 'BODY_INVALID'],
    [
      'a field after the file',
      'encode',
      () => form({ codec: 'rvq' }, wav, true),
      auth,
      400,
      'BODY_INVALID',
    ],
    [
      'a long field',
      'encode',
      () => form({ tags: 'x'.repeat(140_000) }, wav),
      auth,
      400,
      'BODY_INVALID',
    ],
    ['a client that stops', 'encode', () => stopping(), octets, 408, 'INPUT_TIMEOUT'],
  ];
  it.each(cases)('%s', async (_, path, body, headers, status, code) => {
    const failure = await failureOf(await post(server, path, body(), headers));
    expect(failure).toEqual({ status, code });
  });

  it('is refused before it is sent, to a client that asks', async () => {
    const request = httpRequest(`${server.url}/v1/audio/encode`, {
      method: 'POST',
      headers: { ...octets, Expect: '100-continue', 'Content-Length': 200_000 },
    });
    let isContinued = false;
    request.once('continue', () => (isContinued = true));
    request.flushHeaders();
    const [refused] = (await once(request, 'response')) as [IncomingMessage];
    expect(refused.statusCode).toBe(413);
    expect(isContinued).toBe(false);
    request.destroy();
    const taken = httpRequest(`${server.url}/v1/audio/encode`, {
      method: 'POST',
      headers: { ...octets, Expect: '100-continue', 'Content-Length': wav.length },
    });
    taken.flushHeaders();
    await once(taken, 'continue');
    taken.end(wav);
    const [response] = (await once(taken, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    await once(response, 'end');
  });

  it('closes the connection of who goes on sending after the answer', async () => {
    const { port } = server;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.write(
      'POST /v1/audio/encode?levels=0 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer k\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const timer = setInterval(() => socket.write('4\r\nabcd\r\n'), 20);
    await once(socket, 'close');
    clearInterval(timer);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

/** Five bytes and no more, nor an end. */
function stopping(): ReadableStream<Uint8Array> {
  const body = slowBody();
  body.send(new Uint8Array(5));
  return body.stream;
}

function formOf(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    data.append(name, value);
  }
  return data;
}

function streamed(...parts: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) {
        controller.enqueue(part);
      }
      controller.close();
    },
  });
}

describe('the places', () => {
  it('are few, and those who wait get theirs in the end', async () => {
    const server = await startTestServer(new ToneEngine(), { maxCodecs: 1, maxWaiting: 1 });
    try {
      const first = slowBody();
      const wav = wavOf(sine(3 * SECOND, 300));
      first.send(wav);
      const running = await post(server, 'encode', first.stream);
      const waiting = post(server, 'encode', wav);
      let metrics = '';
      while (!/^linnet_codec_waiting 1$/m.test(metrics)) {
        metrics = await (await fetch(`${server.url}/metrics`)).text();
      }
      expect(await failureOf(await post(server, 'encode', wav))).toEqual({
        status: 503,
        code: 'QUEUE_FULL',
      });
      // speech does not wait for them
      expect((await server.post({ input: 'a', voice: 'low', response_format: 'pcm' })).status).toBe(
        200,
      );
      first.end();
      const bytes = await bytesOf(running);
      expect(Buffer.compare(await bytesOf(await waiting), bytes)).toBe(0);
    } finally {
      await server.close();
    }
  });

  it('are waited for when the server ends, and taken back after a while', async () => {
    const server = await startTestServer(new ToneEngine(), { drainTimeoutMs: 200 });
    const body = slowBody();
    body.send(wavOf(sine(3 * SECOND, 300)));
    const response = await post(server, 'encode', body.stream);
    const closing = server.close();
    await expect(response.arrayBuffer()).rejects.toThrow();
    await closing;
  });
});
