import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyModels } from '../../bench/quality/sweep.js';

describe('copyModels', () => {
  it('changes only the configuration of the flow, and not the original', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'linnet-sweep-'));
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    await mkdir(join(from, 'flow'), { recursive: true });
    await mkdir(join(from, 'codec'));
    await writeFile(join(from, 'flow', 'config.json'), '{"eulerSteps":6,"dim":3}');
    await writeFile(join(from, 'flow', 'model.safetensors'), 'weights');
    await writeFile(join(from, 'codec', 'config.json'), '{}');

    await copyModels(from, to, { eulerSteps: 4 });

    const read = async (...path: string[]) => readFile(join(...path), 'utf8');
    expect(JSON.parse(await read(to, 'flow', 'config.json'))).toEqual({ eulerSteps: 4, dim: 3 });
    expect(await read(to, 'flow', 'model.safetensors')).toBe('weights');
    expect(await read(to, 'codec', 'config.json')).toBe('{}');
    expect(await read(from, 'flow', 'config.json')).toBe('{"eulerSteps":6,"dim":3}');
    await rm(folder, { recursive: true });
  });
});
