import { readdir, readFile } from 'node:fs/promises';
import { extname, join, parse } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';
import { readAudioFile } from '../../src/audio/read-audio.js';
import type { Judges } from './judges.js';
import type { PhoneReader } from './phones.js';
import { speakTeacher } from './teacher.js';

/** Speech that the codec has never heard, 24 kHz, mono. */
export type ClipGroup = {
  name: string;
  kind: 'synthetic' | 'human';
  clips: Float32Array[];
};

/** The level of what the codec was trained on. */
const PEAK = 0.6;
const SYNTHETIC = ['af_heart', 'am_michael', 'bf_emma'];
const AUDIO_FILES = new Set(['.wav', '.flac', '.opus', '.ogg', '.mp3']);
const PACKAGE_CLIPS = ['adult-man.wav', 'adult-woman.wav', 'callie.wav'];
/** Every ninth speaker, twelve in all, was kept from training. */
const HELD_OUT = { every: 9, count: 12 };

/**
 * Makes synthetic speech with some of the teacher's voices, a group each.
 *
 * @param sentences - Sentences.
 * @param judges - Whose Python runs the teacher.
 * @param phones - Reads the sentences.
 * @throws {ToolMissing} Without the teacher.
 */
export async function makeSyntheticClips(
  sentences: readonly string[],
  judges: Judges,
  phones: PhoneReader,
): Promise<ClipGroup[]> {
  const read = await Promise.all(sentences.map(async (sentence) => phones.read(sentence)));
  const groups: ClipGroup[] = [];
  for (const voice of SYNTHETIC) {
    const lines = read.map((line) => ({ voice, phones: line }));
    const wavs = await speakTeacher(judges, lines);
    const clips = await Promise.all(wavs.map(async (wav) => toPeak(await readAudioFile(wav))));
    groups.push({ name: `Kokoro ${voice}`, kind: 'synthetic', clips });
  }
  return groups;
}

/**
 * Reads recordings of people.
 *
 * @param folder - Audio files; where `transcripts.tsv` (columns `utterance` and `speaker`) is among
 * them, only those of the speakers that training left out. The package's samples if undefined.
 * @param maxClips - As many at most, spread evenly over the sorted names.
 */
export async function readHumanClips(
  folder: string | undefined,
  maxClips: number,
): Promise<ClipGroup> {
  const samples = join(findPackageRoot(), 'samples');
  const paths =
    folder === undefined
      ? PACKAGE_CLIPS.map((name) => join(samples, name))
      : await listHeldOut(folder);
  const step = Math.max(1, paths.length / maxClips);
  const clips: Float32Array[] = [];
  for (let at = 0; at < paths.length && clips.length < maxClips; at += step) {
    clips.push(toPeak(await readAudioFile(paths[Math.floor(at)]!)));
  }
  return { name: folder === undefined ? 'people (samples/)' : 'people', kind: 'human', clips };
}

async function listHeldOut(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => AUDIO_FILES.has(extname(name))).sort();
  const speakers = await readSpeakers(join(folder, 'transcripts.tsv'));
  if (speakers === undefined) {
    return files.map((name) => join(folder, name));
  }
  const held = heldOutSpeakers(speakers.values());
  return files
    .filter((name) => held.has(speakers.get(parse(name).name) ?? ''))
    .map((name) => join(folder, name));
}

/**
 * Chooses the speakers that training never hears; `training/data/pack.py` has the same rule.
 *
 * @param speakers - Ids, in any order and with repetitions.
 */
export function heldOutSpeakers(speakers: Iterable<string>): Set<string> {
  const sorted = [...new Set(speakers)].sort();
  return new Set(
    sorted.filter((_, index) => index % HELD_OUT.every === 0).slice(0, HELD_OUT.count),
  );
}

async function readSpeakers(path: string): Promise<Map<string, string> | undefined> {
  let table: string;
  try {
    table = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  const [head = '', ...rows] = table.trimEnd().split(/\r?\n/);
  const columns = head.split('\t');
  const [utterance, speaker] = [columns.indexOf('utterance'), columns.indexOf('speaker')];
  return new Map(
    rows.map((row) => {
      const cells = row.split('\t');
      return [cells[utterance] ?? '', cells[speaker] ?? ''] as const;
    }),
  );
}

function toPeak(samples: Float32Array): Float32Array {
  const peak = samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 1e-9);
  return samples.map((sample) => (sample / peak) * PEAK);
}
