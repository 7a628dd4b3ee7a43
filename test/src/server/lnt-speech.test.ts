import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readLnt, SpeechError, writeAudioFile, type Codec } from '../../../index.js';
import { LntReader } from '../../../codecs/lnt/lnt-reader.js';
import { AUDIO_FORMATS } from '../../../src/audio/formats.js';
import { createEncoder } from '../../../src/audio/encoder.js';
import { EncoderPool } from '../../../src/audio/encoder-pool.js';
import { forSpeech } from '../../../src/audio/lnt-stream.js';
import { createLiveEncoder } from '../../../src/server/live/live-encoder.js';
import { join } from '../../helpers/chunks.js';
import { withCallsWatched } from '../../helpers/codec-calls.js';
import { errorWithCode } from '../../helpers/errors.js';
import { openLive } from '../../helpers/live-client.js';
import { createSampleCodec } from '../../helpers/sample-codec.js';
import { startRealServer } from '../../helpers/server.js';
import { sine } from '../../helpers/tones.js';

const TEXT = 'Good evening to all of you.';
const LNT = 'application/vnd.linnet.lnt';

describe('speech as tokens', () => {
  let server: Awaited<ReturnType<typeof startRealServer>>;
  let codec: Codec;
  let speech: Float32Array;
  beforeAll(async () => {
    server = await startRealServer();
    codec = await server.engine.loadCodec('rvq');
    const parts: Float32Array[] = [];
    for await (const { samples } of server.engine.speak(TEXT, { voice: 'george' })) {
      parts.push(samples);
    }
    speech = join(parts);
  }, 60_000);
  afterAll(async () => {
    await server.close();
  });

  it("comes through OpenAI's SDK, with a tag that says what it is", async () => {
    const response = await server.client.audio.speech.create({
      model: 'tts-1',
      voice: 'george',
      input: TEXT,
      response_format: 'lnt' as 'wav',
    });
    expect(response.headers.get('content-type')).toBe(LNT);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const tokens = readLnt(bytes, { codec });
    expect(tokens.tags).toEqual({ synthetic: true, voice: 'george' });
    const { data, numFrames } = await codec.encode(speech);
    expect(tokens.numFrames).toBe(numFrames);
    expect(tokens.numSamples).toBe(speech.length);
    expect(Buffer.compare(Buffer.from(tokens.data.buffer), Buffer.from(data.buffer))).toBe(0);
    const reader = new LntReader();
    reader.push(bytes);
    expect(reader.header!.blockLength).toBe(4_800);
  });

  it('keeps the levels that are asked for, and the codec frees what it held', async () => {
    const request = { input: TEXT, voice: 'george', response_format: 'lnt', levels: 2 };
    const { result, calls } = await withCallsWatched(async (soFar) => {
      const bytes = await (await server.post(request)).arrayBuffer();
      while (!soFar.some(([name]) => name === 'closeStream')) {
        await setTimeout(10);
      }
      return bytes;
    });
    expect(readLnt(new Uint8Array(result)).numCodebooks).toBe(2);
    expect(calls.filter(([name]) => name === 'openEncoder')).toHaveLength(1);
    for (const wrong of [{ levels: 9 }, { levels: 0 }, { response_format: 'wav' }]) {
      const refused = await server.post({ ...request, ...wrong });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({
        error: { code: 'BODY_INVALID', param: 'levels' },
      });
    }
  });

  it('comes live, in blocks, and complete', async () => {
    const client = await openLive(server.url, '/v1/audio/speech/live');
    client.send({ type: 'open', voice: 'george', format: 'lnt', levels: 3 });
    client.send({ type: 'push', text: TEXT });
    client.send({ type: 'flush' });
    await client.wait('flush_done');
    const reader = new LntReader();
    const before = reader.push(client.bytes()).length;
    expect(before).toBeGreaterThan(3);
    client.send({ type: 'finish' });
    const done = await client.wait('done');
    const tokens = readLnt(new Uint8Array(client.bytes()), { codec });
    expect(tokens).toMatchObject({ numCodebooks: 3, tags: { synthetic: true, voice: 'george' } });
    expect(tokens.numSamples / 24_000).toBeCloseTo(done['seconds'] as number, 2);
    client.send({ type: 'open', context_id: 'none', format: 'lnt' });
    client.send({ type: 'finish', context_id: 'none' });
    expect(await client.wait('done', 2)).toMatchObject({ context_id: 'none', seconds: 0 });
    client.send({ type: 'open', context_id: 'x', format: 'lnt', sample_rate: 8_000 });
    expect(await client.wait('error')).toMatchObject({ code: 'OPTION_INVALID' });
    client.send({ type: 'open', context_id: 'y', levels: 3 });
    expect(await client.wait('error', 2)).toMatchObject({ code: 'BODY_INVALID' });
    client.socket.close();
  }, 60_000);
});

describe('the encoder of lnt', () => {
  const engine = { loadCodec: () => Promise.resolve(createSampleCodec('rvq')) };
  const format = forSpeech(AUDIO_FORMATS.lnt, engine, 'low');

  it('writes files of the library, with a codec', async () => {
    const folder = await mkdtemp(joinPath(tmpdir(), 'linnet-lnt-'));
    try {
      const path = joinPath(folder, 'a.lnt');
      const samples = sine(30_000, 300);
      const codec = createSampleCodec('rvq');
      const { numBytes } = await writeAudioFile(path, samples, { codec });
      const bytes = await readFile(path);
      expect(bytes).toHaveLength(numBytes);
      expect(readLnt(bytes)).toMatchObject({ numSamples: 30_000, numCodebooks: 8, tags: {} });
      await expect(writeAudioFile(path, samples)).rejects.toThrow(errorWithCode('OPTION_INVALID'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('leaves other formats as they are', () => {
    expect(forSpeech(AUDIO_FORMATS.mp3, engine, 'low')).toBe(AUDIO_FORMATS.mp3);
    expect(() => createEncoder(AUDIO_FORMATS.lnt)).toThrow(errorWithCode('OPTION_INVALID'));
  });

  it('fails with what loading the codec fails with, in streams and live', async () => {
    const loadCodec = () => Promise.reject(new SpeechError('MODEL_INVALID', 'It is broken.'));
    const broken = forSpeech(AUDIO_FORMATS.lnt, { loadCodec }, 'low');
    const stream = createEncoder(broken);
    stream.end(sine(100, 300));
    await expect(stream.toArray()).rejects.toThrow(errorWithCode('MODEL_INVALID'));
    const live = createLiveEncoder(broken, new EncoderPool(), () => undefined);
    await expect(live.push(sine(100, 300))).rejects.toThrow(errorWithCode('MODEL_INVALID'));
    live.close();
  });

  it('frees the codec when it is destroyed before its end', async () => {
    const codec = createSampleCodec('rvq');
    let numClosed = 0;
    const watched: Codec = Object.assign(Object.create(codec) as Codec, {
      encoder: (...args: Parameters<Codec['encoder']>) => {
        const stream = codec.encoder(...args);
        const close = () => {
          numClosed++;
          return stream.close();
        };
        return {
          push: stream.push.bind(stream),
          flush: stream.flush.bind(stream),
          reset: stream.reset.bind(stream),
          close,
        };
      },
    });
    const making = { loadCodec: () => Promise.resolve(watched) };
    const stream = createEncoder({ ...format, making });
    await new Promise((resolve) => stream.write(sine(5_000, 300), resolve));
    stream.destroy();
    await setTimeout(20);
    const live = createLiveEncoder({ ...format, making }, new EncoderPool(), () => undefined);
    await live.push(sine(5_000, 300));
    live.close();
    await setTimeout(20);
    expect(numClosed).toBe(2);
  });
});
