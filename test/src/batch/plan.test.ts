import { join } from 'node:path';
import { foldersOf, planTasks } from '../../../src/batch/plan.js';
import { errorWithCode } from '../../helpers/errors.js';

const input = (name: string, folder = 'in') => ({ path: join(folder, name), name });

describe('planTasks', () => {
  it('keeps the whole name, beside the input or below the folder of results', () => {
    const inputs = [input('a.wav'), input('a.mp3'), input('deep/b.wav'), input('a.wav')];
    expect(planTasks(inputs, { extension: 'lnt' })).toEqual([
      { input: 'in/a.wav', output: 'in/a.wav.lnt' },
      { input: 'in/a.mp3', output: 'in/a.mp3.lnt' },
      { input: 'in/deep/b.wav', output: 'in/deep/b.wav.lnt' },
    ]);
    const tasks = planTasks(inputs, { folder: 'out', extension: 'lnt' });
    expect(tasks[2]).toEqual({ input: 'in/deep/b.wav', output: 'out/deep/b.wav.lnt' });
    expect(foldersOf(tasks)).toEqual(['out', 'out/deep']);
  });

  it('refuses two files that would become one', () => {
    const inputs = [input('a.wav', 'x'), input('a.wav', 'y')];
    expect(() => planTasks(inputs, { folder: 'out', extension: 'lnt' })).toThrow(
      errorWithCode('OPTION_INVALID'),
    );
    expect(planTasks(inputs, { extension: 'lnt' })).toHaveLength(2);
  });

  it('gives every file to one shard, of about the same size, whatever else there is', () => {
    const inputs = Array.from({ length: 3_000 }, (_, index) => input(`clip-${index}.wav`));
    const count = 7;
    const shards = Array.from({ length: count }, (_, index) =>
      planTasks(inputs, { extension: 'lnt', shard: { index: index + 1, count } }),
    );
    const all = shards.flat().map((task) => task.input);
    expect(all).toHaveLength(inputs.length);
    expect(new Set(all).size).toBe(inputs.length);
    for (const shard of shards) {
      expect(shard.length).toBeGreaterThan(350);
      expect(shard.length).toBeLessThan(510);
    }
    const fewer = planTasks(inputs.slice(1_000), { extension: 'lnt', shard: { index: 3, count } });
    expect(shards[2]).toEqual(expect.arrayContaining(fewer));
  });

  it('spreads a few files whose names differ in a digit', () => {
    const inputs = Array.from({ length: 8 }, (_, index) => input(`${index + 1}.wav`));
    const sizes = [1, 2, 3, 4, 5, 6, 7, 8].map(
      (index) => planTasks(inputs, { extension: 'lnt', shard: { index, count: 8 } }).length,
    );
    expect(Math.max(...sizes)).toBeLessThan(4);
  });
});
