import { StageClock } from '../../../tts/pipeline/stage-clock.js';

describe('StageClock', () => {
  it('adds up runs, streams and times, of failed runs too', async () => {
    const clock = new StageClock();
    const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
    await clock.time('tokens', wait, 3);
    await expect(
      clock.time('tokens', async () => {
        await wait();
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    await expect(clock.time('text', () => Promise.resolve(5))).resolves.toBe(5);
    const { tokens, text, latents } = clock.totals;
    expect(tokens).toMatchObject({ runs: 2, streams: 4 });
    // timers may be a millisecond early
    expect(tokens.seconds).toBeGreaterThan(0.038);
    expect(text).toMatchObject({ runs: 1, streams: 1 });
    expect(latents).toEqual({ runs: 0, streams: 0, seconds: 0 });
  });
});
