import { roundToMs } from '../../base/numbers.js';
import type { WordTime } from '../../tts/types.js';

/**
 * Puts the time of a word into the form in which events and live messages tell it.
 *
 * @param time - The word.
 * @returns Its times in seconds, rounded to milliseconds.
 */
export function toWordEntry({ word, startSeconds, endSeconds }: WordTime): {
  word: string;
  start: number;
  end: number;
} {
  return { word, start: roundToMs(startSeconds), end: roundToMs(endSeconds) };
}
