import { joinSamples } from '../../base/arrays.js';
import type { Engine } from '../../engine/client/engine.js';
import { median, percentile } from '../../src/bench/statistics.js';
import type { WordTime } from '../../tts/types.js';
import type { Judges } from './judges.js';
import type { PhoneReader, SpokenText } from './phones.js';
import { runPython } from './python.js';
import { TEACHERS, timeTeacher } from './teacher.js';

/** Start and end of a word, in seconds. */
export type Span = readonly [start: number, end: number];

/**
 * Who says when a word is heard: the teacher, Whisper, Whisper less what it says too early of the
 * teacher, or the silences at pauses.
 */
export type Aligner = 'teacher' | 'Whisper' | 'Whisper, corrected' | 'silence';

/** How far times lie from those of an aligner; positive if they are later. */
export type TimeErrors = {
  words: number;
  medianMs: number;
  /** Median of the errors without their signs. */
  absoluteMs: number;
  /** What 90 % of the errors without their signs do not exceed. */
  absoluteP90Ms: number;
};

/** The times of the words of a voice, or of its teacher, beside those of an aligner. */
export type WordTimesResult = {
  /** Whose times: a voice's id, or `Kokoro` and the teacher's name. */
  times: string;
  aligner: Aligner;
  starts: TimeErrors;
  ends: TimeErrors;
};

/** What is heard in a clip, beside the times that came with it. */
export type HeardTimes = {
  /** As whoever speaks tells them, a span for each word. */
  told: readonly Span[];
  /** As Whisper hears them. */
  whisper: readonly Span[];
  /** The silence at each pause; null where there is none. */
  silences: readonly (Span | null)[];
};

/** A sentence of a voice and of its teacher. */
export type AlignedClip = {
  /** Numbers of the words with a pause before them; that of words in all for the pause at the end. */
  pauses: readonly number[];
  own: HeardTimes;
  teacher: HeardTimes;
  /** The teacher's times, carried over to the voice's clip. */
  carried: readonly Span[];
};

/** What `align.py` answers for a clip. */
type Alignment = {
  carried: Span[];
  own: { whisper: Span[]; silences: (Span | null)[] };
  teacher: { whisper: Span[]; silences: (Span | null)[] };
};

/** Errors in seconds. */
type Errors = { starts: number[]; ends: number[] };

/**
 * Measures how true the times of words are that come with speech, seed 0.
 *
 * @param engine - Speaks.
 * @param voices - Ids.
 * @param sentences - What they say.
 * @param judges - Full ones.
 * @param phones - Reads the sentences.
 * @param note - Told of voices without a teacher, which are left out.
 * @returns For each voice what {@link compareTimes} says.
 * @throws {ToolMissing} If the judges or the teacher are missing; an `Error` if the engine gives
 * other words than the text has.
 */
export async function measureWordTimes(
  engine: Engine,
  voices: readonly string[],
  sentences: readonly string[],
  judges: Judges,
  phones: PhoneReader,
  note: (message: string) => void,
): Promise<WordTimesResult[]> {
  const texts = await Promise.all(sentences.map(async (text) => phones.readWords(text)));
  const results: WordTimesResult[] = [];
  for (const voice of voices) {
    const name = TEACHERS[voice];
    if (name === undefined) {
      note(`the times of ${voice}, which has no teacher`);
      continue;
    }
    process.stderr.write(`${voice} speaks ${sentences.length} sentences\n`);
    const own: { wav: string; times: Span[] }[] = [];
    for (const [index, sentence] of sentences.entries()) {
      const { samples, words } = await speakTimed(engine, sentence, voice);
      const wav = await judges.save(`timed-${index}`, samples, engine.sampleRate);
      own.push({ wav, times: spansOf(words, texts[index]!) });
    }
    const lines = texts.map((text) => ({ voice: name, phones: text.phones }));
    const clips = (await timeTeacher(judges, lines)).map(({ wav, ends }, index) => ({
      words: texts[index]!.words.map(({ text }) => text),
      pauses: pausesOf(texts[index]!),
      own: own[index]!,
      teacher: { wav, times: teacherSpans(ends, texts[index]!) },
    }));
    process.stderr.write(`aligning ${clips.length} clips\n`);
    const job = { recogniser: 'base', cache: judges.python.cache, clips };
    const heard = await runPython<Alignment[]>(judges.python, 'align.py', job, judges.folder);
    const aligned = clips.map((clip, index) => ({
      pauses: clip.pauses,
      own: { told: clip.own.times, ...heard[index]!.own },
      teacher: { told: clip.teacher.times, ...heard[index]!.teacher },
      carried: heard[index]!.carried,
    }));
    results.push(...compareTimes(voice, `Kokoro ${name}`, aligned));
  }
  return results;
}

/**
 * Compares the times of a voice with those of the aligners.
 *
 * @param voice - Its name.
 * @param teacher - The name of its teacher.
 * @param clips - With a silence in one of them at least.
 * @returns The voice by its teacher and by Whisper; the teacher by Whisper; the voice by Whisper,
 * corrected; the voice and the teacher by silences. The teacher, whose last phone lasts into the
 * silence after it, says nothing of ends at a pause.
 */
export function compareTimes(
  voice: string,
  teacher: string,
  clips: readonly AlignedClip[],
): WordTimesResult[] {
  const over = (errorsOf: (clip: AlignedClip) => Errors) => joinErrors(clips.map(errorsOf));
  const byTeacher = over(({ own, carried, pauses }) => {
    const { starts, ends } = errorsBySpans(own.told, carried);
    return { starts, ends: ends.filter((_, word) => !pauses.includes(word + 1)) };
  });
  const ownByWhisper = over(({ own }) => errorsBySpans(own.told, own.whisper));
  const teacherByWhisper = over(({ teacher: { told, whisper } }) => errorsBySpans(told, whisper));
  const late = { starts: median(teacherByWhisper.starts), ends: median(teacherByWhisper.ends) };
  const corrected = {
    starts: ownByWhisper.starts.map((error) => error - late.starts),
    ends: ownByWhisper.ends.map((error) => error - late.ends),
  };
  const result = (times: string, aligner: Aligner, { starts, ends }: Errors) => ({
    times,
    aligner,
    starts: summariseErrors(starts),
    ends: summariseErrors(ends),
  });
  return [
    result(voice, 'teacher', byTeacher),
    result(voice, 'Whisper', ownByWhisper),
    result(teacher, 'Whisper', teacherByWhisper),
    result(voice, 'Whisper, corrected', corrected),
    result(
      voice,
      'silence',
      over(({ own, pauses }) => errorsBySilences(own, pauses)),
    ),
    result(
      teacher,
      'silence',
      over((clip) => errorsBySilences(clip.teacher, clip.pauses)),
    ),
  ];
}

function errorsBySpans(told: readonly Span[], heard: readonly Span[]): Errors {
  const errors = (side: 0 | 1) => told.map((span, index) => span[side] - heard[index]![side]);
  return { starts: errors(0), ends: errors(1) };
}

/** A word before a pause ends, and the one after it starts, where silence does. */
function errorsBySilences({ told, silences }: HeardTimes, pauses: readonly number[]): Errors {
  const errors: Errors = { starts: [], ends: [] };
  for (const [index, word] of pauses.entries()) {
    const silence = silences[index];
    const [before, after] = [told[word - 1], told[word]];
    if (silence && before !== undefined) {
      errors.ends.push(before[1] - silence[0]);
    }
    if (silence && after !== undefined) {
      errors.starts.push(after[0] - silence[1]);
    }
  }
  return errors;
}

function joinErrors(errors: readonly Errors[]): Errors {
  return {
    starts: errors.flatMap(({ starts }) => starts),
    ends: errors.flatMap(({ ends }) => ends),
  };
}

function summariseErrors(seconds: readonly number[]): TimeErrors {
  const absolute = seconds.map(Math.abs);
  return {
    words: seconds.length,
    medianMs: median(seconds) * 1000,
    absoluteMs: median(absolute) * 1000,
    absoluteP90Ms: percentile(absolute, 0.9) * 1000,
  };
}

async function speakTimed(
  engine: Engine,
  text: string,
  voice: string,
): Promise<{ samples: Float32Array; words: WordTime[] }> {
  const pieces: Float32Array[] = [];
  const words: WordTime[] = [];
  for await (const chunk of engine.speak(text, { voice, seed: 0 })) {
    pieces.push(chunk.samples);
    words.push(...chunk.words);
  }
  return { samples: joinSamples(pieces), words };
}

function spansOf(given: readonly WordTime[], { words }: SpokenText): Span[] {
  const [got, expected] = [given.map(({ word }) => word), words.map(({ text }) => text)];
  if (got.join(' ') !== expected.join(' ')) {
    throw new Error(
      `The engine times ${got.length} words, the text has ${expected.length} or others.`,
    );
  }
  return given.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);
}

function teacherSpans(ends: readonly number[], { words }: SpokenText): Span[] {
  return words.map(({ first, last }) => [first === 0 ? 0 : ends[first - 1]!, ends[last]!]);
}

function pausesOf({ phones, words }: SpokenText): number[] {
  const firsts = [...words.map(({ first }) => first), phones.length];
  return firsts.flatMap((first, word) => (phones[first - 1]?.startsWith('pau') ? [word] : []));
}
