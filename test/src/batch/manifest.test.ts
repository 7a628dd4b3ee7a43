import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ManifestWriter,
  mergeManifests,
  readManifest,
  type ManifestEntry,
} from '../../../src/batch/manifest.js';
import { errorWithCode } from '../../helpers/errors.js';

const entry = (output: string, status: ManifestEntry['status'], input = 'a.wav') => ({
  input,
  output,
  status,
});

describe('a manifest', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-manifest-'));
    path = join(folder, 'm.jsonl');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function write(...entries: ManifestEntry[]) {
    const writer = await ManifestWriter.open(path);
    for (const each of entries) {
      await writer.write(each);
    }
    await writer.close();
  }

  it('is appended to, without the half of a line that a killed process left', async () => {
    await write(entry('1', 'encoded'), entry('2', 'failed'));
    appendFileSync(path, `{"input":"${'x'.repeat(100_000)}`);
    expect(await readManifest(path)).toHaveLength(2);
    await write(entry('3', 'kept'));
    expect(readFileSync(path, 'utf8')).toMatch(/^(\{[^\n]*\}\n){3}$/);
    expect((await readManifest(path)).map(({ output }) => output)).toEqual(['1', '2', '3']);
    writeFileSync(path, '{"input":"half');
    await write(entry('4', 'encoded'));
    expect(await readManifest(path)).toEqual([entry('4', 'encoded')]);
  });

  it('names the line that is none', async () => {
    writeFileSync(path, `${JSON.stringify(entry('1', 'kept'))}\n{"input":3}\n`);
    await expect(readManifest(path)).rejects.toThrow(errorWithCode('FILE_READ_FAILED'));
    await expect(readManifest(path)).rejects.toThrow(/line 2/);
    await expect(readManifest(join(folder, 'none'))).rejects.toThrow(
      errorWithCode('FILE_NOT_FOUND'),
    );
    const nowhere = ManifestWriter.open(join(folder, 'none/m.jsonl'));
    await expect(nowhere).rejects.toThrow(errorWithCode('FILE_WRITE_FAILED'));
  });

  it('is made of several, with the best that is known of each file', () => {
    const merged = mergeManifests([
      [entry('b', 'failed'), entry('a', 'encoded'), entry('c', 'failed')],
      [entry('a', 'failed'), entry('b', 'encoded', 'new.wav'), entry('a', 'kept')],
    ]);
    expect(merged).toEqual([
      entry('a', 'encoded'),
      entry('b', 'encoded', 'new.wav'),
      entry('c', 'failed'),
    ]);
  });
});
