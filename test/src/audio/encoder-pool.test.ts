import { EncoderPool } from '../../../src/audio/encoder-pool.js';
import { createEncoder } from '../../../src/audio/encoder.js';
import { AUDIO_FORMATS } from '../../../src/audio/formats.js';
import { childrenNamed, waitUntil } from '../../helpers/processes.js';
import { sine } from '../../helpers/tones.js';

const TONE = sine(24_000, 440);

async function drain(encoder: ReturnType<typeof createEncoder>): Promise<Buffer> {
  const parts: Buffer[] = [];
  encoder.end(TONE);
  for await (const part of encoder as AsyncIterable<Buffer>) {
    parts.push(part);
  }
  return Buffer.concat(parts);
}

describe('EncoderPool', () => {
  let pool: EncoderPool;
  beforeEach(() => {
    pool = new EncoderPool();
  });
  afterEach(async () => {
    pool.close();
    await waitUntil(() => childrenNamed('ffmpeg').length === 0);
  });

  const waitForIdle = () => waitUntil(() => childrenNamed('ffmpeg').length === 2);

  it('lends processes that run already, and starts others once those have begun', async () => {
    expect(await pool.warmUp()).toBe(true);
    await waitForIdle();
    const warm = childrenNamed('ffmpeg');
    const encoder = pool.take(AUDIO_FORMATS.mp3);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(childrenNamed('ffmpeg')).toEqual(warm);
    const expected = await drain(createEncoder(AUDIO_FORMATS.mp3));
    expect((await drain(encoder)).equals(expected)).toBe(true);
    await waitForIdle();
    expect(childrenNamed('ffmpeg')).not.toEqual(warm);
  });

  it('keeps a format warm from its first use on', async () => {
    const first = pool.take(AUDIO_FORMATS.opus);
    expect((await drain(first)).length).toBeGreaterThan(1_000);
    await waitForIdle();
    const warm = childrenNamed('ffmpeg');
    expect((await drain(pool.take(AUDIO_FORMATS.opus))).length).toBeGreaterThan(1_000);
    await waitForIdle();
    expect(childrenNamed('ffmpeg').filter((id) => warm.includes(id))).toHaveLength(1);
    expect(pool.take(AUDIO_FORMATS.pcm).constructor.name).toBe('InProcessEncoder');
  });

  it('gives another for one that died while it was idle', async () => {
    await pool.warmUp();
    await waitForIdle();
    for (const id of childrenNamed('ffmpeg')) {
      process.kill(id, 'SIGKILL');
    }
    await waitUntil(() => childrenNamed('ffmpeg').length === 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await drain(pool.take(AUDIO_FORMATS.mp3))).length).toBeGreaterThan(1_000);
    await waitForIdle();
  });

  it('leaves what was taken, but nothing idle, when it is closed', async () => {
    await pool.warmUp();
    await waitForIdle();
    const encoder = pool.take(AUDIO_FORMATS.mp3);
    pool.close();
    await waitUntil(() => childrenNamed('ffmpeg').length === 1);
    expect((await drain(encoder)).length).toBeGreaterThan(1_000);
    await waitUntil(() => childrenNamed('ffmpeg').length === 0);
    expect(encoder.destroyed).toBe(true);
  });
});
