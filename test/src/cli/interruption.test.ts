import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startScript } from '../../helpers/command.js';

describe('withInterrupt', () => {
  async function interrupt(endMs: number, signal: NodeJS.Signals, gapsMs: number[]) {
    const { child, result } = startScript('test/helpers/slow-end.js', [String(endMs)]);
    await once(child.stdout!, 'data');
    child.kill(signal);
    for (const gapMs of gapsMs) {
      await sleep(gapMs);
      child.kill(signal);
    }
    const { code, stdout } = await result;
    return { code, signalCode: child.signalCode, stdout: stdout.toString() };
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('lets a task end by itself, however many %s come', async (signal, code) => {
    expect(await interrupt(400, signal, [10, 20, 30, 40])).toEqual({
      code,
      signalCode: null,
      stdout: 'started\nended\n',
    });
  });

  it('ends by the signal itself when it is told again after two seconds', async () => {
    expect(await interrupt(30_000, 'SIGINT', [2_100])).toEqual({
      code: null,
      signalCode: 'SIGINT',
      stdout: 'started\ngiven up\n',
    });
  });
});
