import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';
import { readAudioFile, readLntFile } from '../../index.js';
import { startScript } from '../helpers/command.js';
import { rms } from '../helpers/tones.js';

type Example = {
  /** Lines on standard output. */
  output: RegExp;
  /** The audio files, with the shortest and longest duration of each in seconds. */
  audio: Record<string, readonly [number, number]>;
};

const EXAMPLES: Record<string, Example> = {
  'speak-to-file': {
    output: /^hello\.wav: [\d.]+ s\n$/,
    audio: { 'hello.wav': [1.5, 5] },
  },
  'streamed-text': {
    output: /^answer\.wav: [\d.]+ s, begun after \d+ of 20 words\n$/,
    audio: { 'answer.wav': [4, 10] },
  },
  resume: {
    output: /^resumed\.wav: [\d.]+ s, \d{6} bytes in between\n$/,
    audio: { 'resumed.wav': [2, 6] },
  },
  'word-times': {
    output: /^(\d+\.\d\d to \d+\.\d\d s: \S.*\n){6}words\.wav: [\d.]+ s, 6 words\n$/,
    audio: { 'words.wav': [2.5, 8] },
  },
  'encode-decode': {
    output: /^voice\.lnt: \d+ bytes, 2\.\d\d kbps; decoded\.wav: [\d.]+ s\n$/,
    audio: { 'decoded.wav': [1.5, 3] },
  },
  // before another writes tokens with more levels
  'tokens-to-npz': {
    output: /^tokens\.npz: 1 recordings, \d+ frames of 4 codes\n$/,
    audio: {},
  },
  'codec-streams': {
    output: /^streamed\.wav: [\d.]+ s\n$/,
    audio: { 'streamed.wav': [1.2, 5] },
  },
  'two-voices': {
    output: /^heart\.wav: [\d.]+ s; george\.wav: [\d.]+ s\n$/,
    audio: { 'heart.wav': [1, 4], 'george.wav': [1, 4] },
  },
  document: {
    output: /^document\.wav: [\d.]+ s in 2 segments, 0 warnings\n$/,
    audio: { 'document.wav': [3.5, 10] },
  },
};

describe('examples', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'linnet-examples-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('are all here', async () => {
    const files = await readdir(join(findPackageRoot(), 'examples'));
    const names = files.map((file) => basename(file, '.ts'));
    // other tests open the page in browser/ and run the program in Python
    expect(names.sort()).toEqual([...Object.keys(EXAMPLES), 'browser', 'read_lnt.py'].sort());
  });

  it.each(Object.entries(EXAMPLES))(
    '%s does what it says',
    async (name, { output, audio }) => {
      const { code, stdout, stderr } = await startScript(`examples/${name}.js`, [folder]).result;
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout.toString()).toMatch(output);
      for (const [file, [shortest, longest]] of Object.entries(audio)) {
        const samples = await readAudioFile(join(folder, file));
        const seconds = samples.length / 24_000;
        expect(stdout.toString()).toContain(`${file}: ${seconds.toFixed(2)} s`);
        expect(seconds).toBeGreaterThan(shortest);
        expect(seconds).toBeLessThan(longest);
        expect(rms(samples)).toBeGreaterThan(0.005);
      }
    },
    60_000,
  );

  it('left tokens of four levels', async () => {
    const tokens = await readLntFile(join(folder, 'voice.lnt'));
    expect(tokens).toMatchObject({ kind: 'rvq', numCodebooks: 4, frameRate: 50 });
  });
});
