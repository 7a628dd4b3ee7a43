import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findModels } from '../../../base/package-root.js';
import { readWav } from '../../../src/audio/wav-reader.js';
import { readVoices } from '../../../tts/voices/index.js';
import { OPENAI_VOICES, resolveVoice } from '../../../tts/voices/resolve-voice.js';
import { testVoice } from '../../helpers/voices.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'linnet-voices-'));
});

afterEach(() => rm(folder, { recursive: true }));

function write(content: unknown): Promise<void> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return writeFile(join(folder, 'voices.json'), text);
}

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe('readVoices', () => {
  const [ann, bob] = [testVoice('ann', ['nova']), testVoice('bob')];

  it('puts the default voice first, and tells where its sample lies', async () => {
    await write({ default: 'bob', voices: [ann, bob] });
    const voices = readVoices(folder);
    expect(voices.map(({ id }) => id)).toEqual(['bob', 'ann']);
    expect(voices[0]).toEqual({ ...bob, sample: join(folder, 'voices/bob.wav') });
  });

  it.each([
    ['{', 'is not JSON'],
    [{ default: 'ann', voices: [] }, 'voices: '],
    [{ default: 'ann', voices: [{ ...ann, gender: 'loud' }] }, 'voices.0.gender: '],
    [{ default: 'ann', voices: [{ ...ann, id: '../x' }] }, 'voices.0.id: '],
    [{ default: 'ann', voices: [ann, { ...bob, aliases: ['nova'] }] }, 'nova names two voices'],
    [{ default: 'cat', voices: [ann, bob] }, 'default is cat'],
  ])('refuses %j', async (content, problem) => {
    await write(content);
    expect(errorOf(() => readVoices(folder))).toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining(problem) as string,
    });
  });

  it('reports a list that is not there', () => {
    expect(errorOf(() => readVoices(folder))).toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('the voices of the package', () => {
  const voices = readVoices(findModels());

  it('are these, heart being the default', () => {
    expect(voices.map(({ id }) => id)).toEqual([
      'heart',
      'sarah',
      'michael',
      'puck',
      'emma',
      'george',
    ]);
  });

  it("claim each of OpenAI's names once, and for the accent and sex that people know", () => {
    const claimed = voices.flatMap(({ aliases }) => aliases);
    expect([...claimed].sort()).toEqual([...OPENAI_VOICES].sort());
    expect(resolveVoice('alloy', voices)).toBe('heart');
    expect(resolveVoice('Fable', voices)).toBe('george');
    expect(resolveVoice('onyx', voices)).toBe('michael');
  });

  it.each(voices)('$id has a sample of two seconds', ({ sample }) => {
    const { samples, sampleRate } = readWav(readFileSync(sample));
    expect(sampleRate).toBe(24_000);
    expect(samples.length / sampleRate).toBeGreaterThan(1.2);
    expect(samples.length / sampleRate).toBeLessThan(3.5);
    expect(Math.hypot(...samples.subarray(12_000, 36_000)) / Math.sqrt(24_000)).toBeGreaterThan(
      0.01,
    );
  });
});
