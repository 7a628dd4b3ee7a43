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

/** Who says when a word is heard; `Whisper, corrected` by what it says too late of the teacher. */
export type Aligner = 'teacher' | 'Whisper' | 'Whisper, corrected';

/** How far times lie from those of an aligner; positive if they are later. */
export type TimeErrors = {
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
  words: number;
  starts: TimeErrors;
  ends: TimeErrors;
};

/** What `align.py` answers for a clip, a span for each word. */
type Alignment = {
  /** The teacher's times, carried over to the voice's clip. */
  carried: Span[];
  /** What Whisper says of the voice's clip and of the teacher's. */
  own: Span[];
  teacher: Span[];
};

/** Times of words and what the aligners say of them, all words of a voice in a row. */
type Times = Alignment & {
  /** As the engine gave them. */
  given: Span[];
  /** As the teacher said them. */
  known: Span[];
};

/**
 * Measures how true the times of words are that come with speech, seed 0.
 *
 * @param engine - Speaks.
 * @param voices - Ids.
 * @param sentences - What they say.
 * @param judges - Full ones.
 * @param phones - Reads the sentences.
 * @param note - Told of voices without a teacher, which are left out.
 * @returns For each voice: by the teacher, by Whisper, the teacher's own times by Whisper, and by Whisper
 * corrected by its median error there.
 * @throws {ToolMissing} If the judges or the teacher are missing; an `Error` if the engine gives other words than the
 * text has.
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
    const given: Span[][] = [];
    const wavs: string[] = [];
    for (const [index, sentence] of sentences.entries()) {
      const { samples, words } = await speakTimed(engine, sentence, voice);
      given.push(spansOf(words, texts[index]!));
      wavs.push(await judges.save(`timed-${index}`, samples, engine.sampleRate));
    }
    const lines = texts.map((text) => ({ voice: name, phones: text.phones }));
    const taught = await timeTeacher(judges, lines);
    const known = taught.map(({ ends }, index) => teacherSpans(ends, texts[index]!));
    const job = {
      recogniser: 'base',
      cache: judges.python.cache,
      clips: texts.map(({ words }, index) => ({
        words: words.map(({ text }) => text),
        own: wavs[index]!,
        teacher: taught[index]!.wav,
        times: known[index]!,
      })),
    };
    process.stderr.write(`aligning ${wavs.length} clips\n`);
    const aligned = await runPython<Alignment[]>(judges.python, 'align.py', job, judges.folder);
    const times = {
      given: given.flat(),
      known: known.flat(),
      carried: aligned.flatMap(({ carried }) => carried),
      own: aligned.flatMap(({ own }) => own),
      teacher: aligned.flatMap(({ teacher }) => teacher),
    };
    results.push(...compareTimes(voice, `Kokoro ${name}`, times));
  }
  return results;
}

/**
 * Compares times with those of the aligners.
 *
 * @param voice - Name of the voice.
 * @param teacher - Name of its teacher.
 * @param times - At least one word; all lists have as many.
 */
export function compareTimes(voice: string, teacher: string, times: Times): WordTimesResult[] {
  const compare = (
    whose: string,
    aligner: Aligner,
    pairs: readonly [Span[], Span[]],
    late: Span = [0, 0],
  ): WordTimesResult => {
    const errors = (side: 0 | 1) =>
      summariseErrors(
        pairs[0].map((span, index) => span[side] - pairs[1][index]![side] - late[side]),
      );
    return { times: whose, aligner, words: pairs[0].length, starts: errors(0), ends: errors(1) };
  };
  const byWhisper = compare(teacher, 'Whisper', [times.known, times.teacher]);
  const bias: Span = [byWhisper.starts.medianMs / 1000, byWhisper.ends.medianMs / 1000];
  return [
    compare(voice, 'teacher', [times.given, times.carried]),
    compare(voice, 'Whisper', [times.given, times.own]),
    byWhisper,
    compare(voice, 'Whisper, corrected', [times.given, times.own], bias),
  ];
}

function summariseErrors(seconds: readonly number[]): TimeErrors {
  const absolute = seconds.map(Math.abs);
  return {
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
