import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVoices } from '../../tts/voices/index.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'linnet-voices-'));
  await mkdir(join(folder, 'language-model'));
});

afterEach(() => rm(folder, { recursive: true }));

function write(content: string): Promise<void> {
  return writeFile(join(folder, 'language-model', 'config.json'), content);
}

function codeOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe('readVoices', () => {
  it('completes what the configuration leaves out', async () => {
    await write('{"voices": ["ann", {"id": "bob", "name": "Bob", "language": "en-GB"}]}');
    expect(readVoices(folder)).toEqual([
      { id: 'ann', name: 'ann', language: 'en-US', description: 'The voice ann.' },
      { id: 'bob', name: 'Bob', language: 'en-GB', description: 'The voice bob.' },
    ]);
  });

  it('puts the default voice first', async () => {
    await write('{"voices": ["ann", "bob", "cat"], "defaultVoice": "bob"}');
    expect(readVoices(folder).map(({ id }) => id)).toEqual(['bob', 'ann', 'cat']);
  });

  it.each(['{"voices": []}', '{"voices": [5]}', '{}', 'no JSON'])('refuses %s', async (content) => {
    await write(content);
    expect(codeOf(() => readVoices(folder))).toBe('MODEL_INVALID');
  });

  it('reports a configuration that is not there', () => {
    expect(codeOf(() => readVoices(folder))).toBe('FILE_NOT_FOUND');
  });
});
