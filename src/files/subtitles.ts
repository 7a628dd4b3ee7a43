import { extname } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import type { WordTime } from '../../tts/types.js';

/** What the times of words can be written in. */
export const WORD_FORMATS = ['json', 'srt', 'vtt'] as const;

/** One of {@link WORD_FORMATS}. */
export type WordFormat = (typeof WORD_FORMATS)[number];

/** What is shown at one time. */
export type Cue = {
  /** One or two lines; of each line its words, in order. */
  lines: WordTime[][];
  /** In seconds; a cue ends before the next one starts. */
  startSeconds: number;
  endSeconds: number;
};

const MAX_LINE_CHARACTERS = 42;
const MAX_LINES = 2;
const MAX_CUE_SECONDS = 7;
/** A shorter cue stays, while nothing else comes, until it can be read. */
const MIN_CUE_SECONDS = 1;
/** A full stop followed by a silence, of one token or more, ends a sentence; else it is that of "Dr.". */
const SENTENCE_PAUSE_SECONDS = 0.04;
/** A longer silence is one, whatever stands before it. */
const LONG_PAUSE_SECONDS = 1;

/**
 * Finds what the times of words shall be written in.
 *
 * @param path - A file's name.
 * @returns The format that its extension names.
 * @throws {SpeechError} `FORMAT_UNKNOWN` for any other extension.
 */
export function wordFormatOfPath(path: string): WordFormat {
  const extension = extname(path).toLowerCase();
  const format = WORD_FORMATS.find((name) => extension === `.${name}`);
  if (format === undefined) {
    throw new SpeechError(
      'FORMAT_UNKNOWN',
      `captions is ${JSON.stringify(path.slice(-40))}; its name must end in .json, .srt or .vtt.`,
    );
  }
  return format;
}

/**
 * Finds what the times of words shall be written in.
 *
 * @param name - In any case.
 * @returns The format.
 * @throws {SpeechError} `FORMAT_UNKNOWN`.
 */
export function findWordFormat(name: string): WordFormat {
  const format = WORD_FORMATS.find((candidate) => candidate === name.toLowerCase());
  if (format === undefined) {
    throw new SpeechError(
      'FORMAT_UNKNOWN',
      `format is ${JSON.stringify(name.slice(0, 40))}; it must be one of ${WORD_FORMATS.join(', ')}.`,
    );
  }
  return format;
}

/**
 * Writes the times of words.
 *
 * @param words - In the order of speech.
 * @param format - `json`: an array of `{"word", "start", "end"}`, in seconds; `srt`: SubRip; `vtt`:
 * WebVTT, with the time of each word inside its cue.
 * @param durationSeconds - Length of the speech, which no time exceeds.
 * @returns The whole file.
 */
export function formatWords(
  words: readonly WordTime[],
  format: WordFormat,
  durationSeconds: number,
): string {
  switch (format) {
    case 'json':
      return toJson(words, durationSeconds);
    case 'srt':
      return groupCues(words, durationSeconds).map(toSrtCue).join('\n');
    case 'vtt':
      return ['WEBVTT\n', ...groupCues(words, durationSeconds).map(toVttCue)].join('\n');
  }
}

/**
 * Groups words into what is read at once: by sentence, at most two lines of 42 characters and seven
 * seconds. A word that is longer than a line has one of its own.
 *
 * @param words - In the order of speech.
 * @param durationSeconds - Length of the speech, which no cue exceeds.
 * @returns The cues; none without words.
 */
export function groupCues(words: readonly WordTime[], durationSeconds: number): Cue[] {
  const cues: Cue[] = [];
  let lines: WordTime[][] = [];
  const finish = (limitSeconds: number) => {
    const first = lines[0]?.[0];
    const last = lines.at(-1)?.at(-1);
    if (first !== undefined && last !== undefined) {
      const { startSeconds } = first;
      const readSeconds = Math.max(last.endSeconds, startSeconds + MIN_CUE_SECONDS);
      cues.push({ lines, startSeconds, endSeconds: Math.min(readSeconds, limitSeconds) });
    }
    lines = [];
  };
  for (const word of words) {
    const first = lines[0]?.[0];
    const previous = lines.at(-1)?.at(-1);
    if (
      previous !== undefined &&
      (isBreak(previous, word) || word.endSeconds - first!.startSeconds > MAX_CUE_SECONDS)
    ) {
      finish(word.startSeconds);
    }
    const line = lines.at(-1);
    if (line !== undefined && lengthOf([...line, word]) <= MAX_LINE_CHARACTERS) {
      line.push(word);
      continue;
    }
    if (lines.length === MAX_LINES) {
      finish(word.startSeconds);
    }
    lines.push([word]);
  }
  finish(durationSeconds);
  return cues;
}

function isBreak(previous: WordTime, next: WordTime): boolean {
  const pauseSeconds = next.startSeconds - previous.endSeconds;
  const isSentence = /[.!?…]["'”’)\]]*$/.test(previous.word);
  return pauseSeconds >= (isSentence ? SENTENCE_PAUSE_SECONDS : LONG_PAUSE_SECONDS);
}

function lengthOf(words: readonly WordTime[]): number {
  return words.map(textOf).join(' ').length;
}

/** A word may be written over several lines, as "5 kg" may. */
function textOf({ word }: WordTime): string {
  return word.replace(/\s+/g, ' ').trim();
}

function toJson(words: readonly WordTime[], durationSeconds: number): string {
  const rows = words.map(({ word, startSeconds, endSeconds }) =>
    JSON.stringify({
      word,
      start: roundSeconds(Math.min(startSeconds, durationSeconds)),
      end: roundSeconds(Math.min(endSeconds, durationSeconds)),
    }),
  );
  return rows.length === 0 ? '[]\n' : `[\n  ${rows.join(',\n  ')}\n]\n`;
}

function roundSeconds(seconds: number): number {
  return Math.floor(seconds * 1000) / 1000;
}

function toSrtCue({ lines, startSeconds, endSeconds }: Cue, index: number): string {
  const text = lines.map((line) => line.map((word) => escapeSrt(textOf(word))).join(' '));
  const times = `${clock(startSeconds, ',')} --> ${clock(endSeconds, ',')}`;
  return [index + 1, times, ...text, ''].join('\n');
}

function toVttCue({ lines, startSeconds, endSeconds }: Cue): string {
  let lastMs = Math.floor(startSeconds * 1000);
  const endMs = Math.floor(endSeconds * 1000);
  const text = lines.map((line) =>
    line
      .map((word) => {
        // inner times must grow and lie within the cue
        const ms = Math.floor(word.startSeconds * 1000);
        const isInner = ms > lastMs && ms < endMs;
        lastMs = Math.max(lastMs, ms);
        return `${isInner ? `<${clock(word.startSeconds, '.')}>` : ''}${escapeVtt(textOf(word))}`;
      })
      .join(' '),
  );
  return [`${clock(startSeconds, '.')} --> ${clock(endSeconds, '.')}`, ...text, ''].join('\n');
}

/** Hours, minutes, seconds and milliseconds, which both formats want in full. */
function clock(seconds: number, point: ',' | '.'): string {
  const ms = Math.floor(seconds * 1000);
  const parts = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60];
  const digits = parts.map((part) => String(Math.floor(part)).padStart(2, '0'));
  return `${digits.join(':')}${point}${String(ms % 1000).padStart(3, '0')}`;
}

/** SubRip knows no escapes, but players read tags in it: a space of no width makes them text. */
function escapeSrt(text: string): string {
  return text.replace(/[<{](?=[/\\a-z])/gi, '$&\u200b').replaceAll('-->', '--\u200b>');
}

function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
