import { mean } from '../../src/bench/statistics.js';
import type { Judgement } from './judges.js';
import { plainWords } from './plain-words.js';
import { wordErrors } from './word-error-rate.js';
import { allPaths, onePath, type WordPaths } from './word-paths.js';

/** Errors of a recogniser over words of the text; above 1 if more is heard than was said. */
export type WordErrorRate = { rate: number; errors: number; words: number };

/** A clip that was judged, with what was to be said. */
export type JudgedClip = {
  text: string;
  /** Of the text, as the front end reads it. */
  syllables: number;
  seed: number;
  judgement: Judgement;
};

/** What judges say about a voice. */
export type VoiceScores = {
  clips: number;
  /** Mean of the seeds' rates. */
  wordErrorRate: number;
  /** Largest minus smallest of the seeds' rates. */
  wordErrorSpread: number;
  /** One for each seed, in order. */
  seeds: WordErrorRate[];
  distillMos: number;
  dnsMosOverall: number;
  dnsMosP808: number;
  syllablesPerSecond: number;
  /** Mean cosine between the voices of any two clips; null with one clip. */
  sameness: number | null;
};

/**
 * Counts the errors over some clips.
 *
 * @param clips - What was to be said and what was heard.
 */
export function wordErrorRate(clips: readonly { text: string; heard: string }[]): WordErrorRate {
  return countErrors(
    clips.map(({ text, heard }) => ({ paths: onePath(plainWords(text)), text, heard })),
  );
}

/**
 * Counts the words that a recogniser hears differently in two clips that should sound alike.
 *
 * @param pairs - What it wrote for each.
 */
export function wordDifference(
  pairs: readonly { original: string; decoded: string }[],
): WordErrorRate {
  return countErrors(
    pairs.map(({ original, decoded }) => ({
      paths: allPaths(original),
      text: original,
      heard: decoded,
    })),
  );
}

function countErrors(
  clips: readonly { paths: WordPaths; text: string; heard: string }[],
): WordErrorRate {
  let errors = 0;
  let words = 0;
  for (const { paths, text, heard } of clips) {
    errors += wordErrors(paths, allPaths(heard));
    words += plainWords(text).length;
  }
  return { rate: errors / words, errors, words };
}

/**
 * Sums up what the judges say.
 *
 * @param clips - At least one, of one voice.
 */
export function summarise(clips: readonly JudgedClip[]): VoiceScores {
  const numbers = [...new Set(clips.map(({ seed }) => seed))].sort((a, b) => a - b);
  const seeds = numbers.map((seed) =>
    wordErrorRate(
      clips
        .filter((clip) => clip.seed === seed)
        .map(({ text, judgement: { heard } }) => ({ text, heard })),
    ),
  );
  const rates = seeds.map(({ rate }) => rate);
  const over = (pick: (judgement: Judgement) => number) =>
    mean(clips.map(({ judgement }) => pick(judgement)))!;
  const sum = (pick: (clip: JudgedClip) => number) =>
    clips.reduce((total, clip) => total + pick(clip), 0);
  return {
    clips: clips.length,
    wordErrorRate: mean(rates)!,
    wordErrorSpread: Math.max(...rates) - Math.min(...rates),
    seeds,
    distillMos: over(({ distillMos }) => distillMos),
    dnsMosOverall: over(({ dnsMosOverall }) => dnsMosOverall),
    dnsMosP808: over(({ dnsMosP808 }) => dnsMosP808),
    syllablesPerSecond:
      sum(({ syllables }) => syllables) / sum(({ judgement }) => judgement.seconds),
    sameness: sameness(clips.map(({ judgement }) => judgement.voice)),
  };
}

/**
 * How alike two voices are.
 *
 * @param one - Vectors of length 1, one for each clip.
 * @param other - As many or not.
 * @returns Mean cosine over all pairs, or null without any.
 */
export function likeness(
  one: readonly (readonly number[])[],
  other: readonly (readonly number[])[],
): number | null {
  return mean(one.flatMap((a) => other.map((b) => dot(a, b))));
}

function sameness(voices: readonly (readonly number[])[]): number | null {
  return mean(
    voices.flatMap((voice, index) => voices.slice(index + 1).map((other) => dot(voice, other))),
  );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((total, value, index) => total + value * b[index]!, 0);
}
