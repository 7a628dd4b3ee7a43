import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpeechError } from '../../base/errors.js';
import { readSpectralConfig } from '../../codecs/linnet/config.js';
import { ConfigReader } from '../../codecs/read-config.js';

describe('ConfigReader', () => {
  const fields = { size: 3, pair: [1, 2], list: [1, 2, 3], name: 'x', half: 0.5, none: 0 };
  const reader = new ConfigReader('config.json', fields);

  it('reads what is there', () => {
    expect(reader.count('size')).toBe(3);
    expect(reader.pair('pair')).toEqual([1, 2]);
    expect(reader.counts('list')).toEqual([1, 2, 3]);
    expect(reader.text('name')).toBe('x');
  });

  it.each<[string, () => unknown]>([
    ['a fraction', () => reader.count('half')],
    ['zero', () => reader.count('none')],
    ['nothing', () => reader.count('missing')],
    ['a text for a number', () => reader.count('name')],
    ['a number for a list', () => reader.counts('size')],
    ['three for two', () => reader.pair('list')],
    ['a number for a text', () => reader.text('size')],
  ])('refuses %s', (_, read) => {
    let code: unknown;
    try {
      read();
    } catch (error) {
      code = (error as SpeechError).code;
    }
    expect(code).toBe('MODEL_INVALID');
  });
});

describe('readSpectralConfig', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'linnet-config-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['MODEL_INVALID', '{'],
    ['MODEL_INVALID', '[]'],
    ['MODEL_INVALID', '{}'],
  ])('answers %s to %s', async (code, text) => {
    const path = join(folder, 'config.json');
    await writeFile(path, text);
    await expect(readSpectralConfig(path)).rejects.toMatchObject({ code });
  });

  it('says that a file is missing', async () => {
    const read = readSpectralConfig(join(folder, 'missing.json'));
    await expect(read).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
