import { Lazy } from '../../../codecs/linnet/lazy.js';

describe('Lazy', () => {
  it('loads once, when it is first used, and closes what it loaded', async () => {
    let loaded = 0;
    let closed = 0;
    const lazy = new Lazy(() => {
      loaded++;
      return Promise.resolve({
        close: () => {
          closed++;
          return Promise.resolve();
        },
      });
    });
    expect(loaded).toBe(0);
    const [first, second] = await Promise.all([lazy.get(), lazy.get()]);
    expect(first).toBe(second);
    await lazy.close();
    expect([loaded, closed]).toEqual([1, 1]);
    await expect(lazy.get()).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
  });

  it('tries again after a failure, and closes even if it never loaded', async () => {
    let tries = 0;
    const lazy = new Lazy(() => {
      tries++;
      return Promise.reject<{ close(): Promise<void> }>(new Error('not yet'));
    });
    await expect(lazy.get()).rejects.toThrow('not yet');
    await expect(lazy.get()).rejects.toThrow('not yet');
    expect(tries).toBe(2);
    await lazy.close();
  });
});
