import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInputs } from '../../../src/batch/find-inputs.js';
import { errorWithCode } from '../../helpers/errors.js';

const OPTIONS = { extensions: ['.wav', '.mp3'], kind: 'audio' };

async function* bytesOf(text: string) {
  for (const part of [text.slice(0, 5), text.slice(5)]) {
    yield await Promise.resolve(Buffer.from(part));
  }
}

describe('findInputs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-inputs-'));
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    for (const name of [
      'b.wav',
      'a.WAV',
      'notes.txt',
      '.hidden.wav',
      'deep/c.mp3',
      'deep/er/d.wav',
      'odd[1].wav',
    ]) {
      writeFileSync(join(folder, name), '');
    }
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const find = (...names: string[]) =>
    findInputs(
      names.map((name) => join(folder, name)),
      OPTIONS,
    );

  it('takes what a folder and the folders in it hold, by their path from there', async () => {
    symlinkSync(folder, join(folder, 'deep/loop'));
    symlinkSync(join(folder, 'b.wav'), join(folder, 'deep/linked.wav'));
    const found = await find('.');
    const names = [
      'a.WAV',
      'b.wav',
      'deep/c.mp3',
      'deep/er/d.wav',
      'deep/linked.wav',
      'odd[1].wav',
    ];
    expect(found.filter(({ name }) => !name.includes('loop')).map(({ name }) => name)).toEqual(
      names,
    );
    expect(found[0]).toEqual({ path: join(folder, 'a.WAV'), name: 'a.WAV' });
    // a folder that holds itself is not walked for ever
    expect(found.length).toBeLessThan(50);
  });

  it('takes files whatever they are called, and patterns by their path from the first star on', async () => {
    expect(await find('notes.txt', 'odd[1].wav', 'missing.wav')).toEqual([
      { path: join(folder, 'notes.txt'), name: 'notes.txt' },
      { path: join(folder, 'odd[1].wav'), name: 'odd[1].wav' },
      { path: join(folder, 'missing.wav'), name: 'missing.wav' },
    ]);
    const names = async (pattern: string) => (await find(pattern)).map(({ name }) => name);
    expect(await names('**/*.{wav,mp3}')).toEqual([
      'b.wav',
      'deep/c.mp3',
      'deep/er/d.wav',
      'odd[1].wav',
    ]);
    expect(await names('deep/*')).toEqual(['c.mp3']);
    expect(await names('?.wav')).toEqual(['b.wav']);
  });

  it('takes what a list names, by lines or zero bytes', async () => {
    const lines = await findInputs([], { ...OPTIONS, list: bytesOf('x/a.wav\r\n/r/b c.wav\n\nd') });
    expect(lines).toEqual([
      { path: 'x/a.wav', name: 'x/a.wav' },
      { path: '/r/b c.wav', name: 'r/b c.wav' },
      { path: 'd', name: 'd' },
    ]);
    const zeros = { ...OPTIONS, list: bytesOf('new\nline.wav\0../up.wav\0'), hasZeros: true };
    const [first, second] = await findInputs([], zeros);
    expect(first!.name).toBe('new\nline.wav');
    // a result never leaves the folder of results
    expect(second!.name).not.toMatch(/\.\./);
  });

  it('refuses what stands for nothing', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(find('empty')).rejects.toThrow(errorWithCode('FILE_NOT_FOUND'));
    await expect(find('*.flac')).rejects.toThrow(errorWithCode('FILE_NOT_FOUND'));
    await expect(findInputs([], OPTIONS)).rejects.toThrow(errorWithCode('OPTION_INVALID'));
  });
});
