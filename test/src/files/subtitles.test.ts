import { formatWords, groupCues, wordFormatOfPath } from '../../../src/files/subtitles.js';
import type { WordTime } from '../../../tts/types.js';
import { errorWithCode } from '../../helpers/errors.js';

/** Words of 0.25 s each without a pause, unless one says where it starts. */
function wordsOf(text: string, starts: Readonly<Record<string, number>> = {}): WordTime[] {
  let startSeconds = 0;
  return text.split(' ').map((word) => {
    startSeconds = starts[word] ?? startSeconds;
    const time = { word, startSeconds, endSeconds: startSeconds + 0.25 };
    startSeconds = time.endSeconds;
    return time;
  });
}

const linesOf = (words: WordTime[], durationSeconds = 1_000) =>
  groupCues(words, durationSeconds).map(({ lines }) =>
    lines.map((line) => line.map(({ word }) => word).join(' ')),
  );

describe('wordFormatOfPath', () => {
  it('goes by the extension and refuses others', () => {
    expect(['a.json', 'b.c/d.SRT', 'e.vtt'].map(wordFormatOfPath)).toEqual(['json', 'srt', 'vtt']);
    for (const path of ['a', 'a.txt', 'json', '.srt', '-']) {
      expect(() => wordFormatOfPath(path)).toThrow(errorWithCode('FORMAT_UNKNOWN'));
    }
  });
});

describe('groupCues', () => {
  it('ends a cue with a sentence, which a pause follows', () => {
    const words = wordsOf('Dr. Who left. "Why?" Because', { '"Why?"': 0.8, Because: 1.4 });
    expect(linesOf(words)).toEqual([['Dr. Who left.'], ['"Why?"'], ['Because']]);
  });

  it('ends a cue where it is silent for a second', () => {
    expect(linesOf(wordsOf('one two', { two: 1.25 }))).toEqual([['one'], ['two']]);
    expect(linesOf(wordsOf('one two', { two: 1.24 }))).toEqual([['one two']]);
  });

  it('fills two lines of 42 characters', () => {
    const word = 'abcdefghijklm'; // three of them and two spaces are 41 characters, with "x" 43
    const lines = linesOf(wordsOf(`${word} ${word} ${word} x ${word} ${word} yz ${word} end`));
    expect(lines).toEqual([[`${word} ${word} ${word}`, `x ${word} ${word} yz`], [`${word} end`]]);
    expect(linesOf(wordsOf(`${'a'.repeat(20)} ${'b'.repeat(21)}`))).toEqual([
      [`${'a'.repeat(20)} ${'b'.repeat(21)}`],
    ]);
    expect(linesOf(wordsOf(`a ${'b'.repeat(60)} c`))).toEqual([['a', 'b'.repeat(60)], ['c']]);
  });

  it('takes at most seven seconds', () => {
    const text = (numWords: number) => Array<string>(numWords).fill('a').join(' ');
    expect(linesOf(wordsOf(text(29)))).toEqual([[text(21), text(7)], [text(1)]]);
  });

  it('lets a short cue stay until it can be read, but not into the next or beyond the end', () => {
    const words = wordsOf('No. Yes. Oh.', { 'Yes.': 0.6, 'Oh.': 3 });
    expect(groupCues(words, 3.5).map((cue) => [cue.startSeconds, cue.endSeconds])).toEqual([
      [0, 0.6],
      [0.6, 1.6],
      [3, 3.5],
    ]);
    expect(groupCues([], 1)).toEqual([]);
  });
});

describe('formatWords', () => {
  const words = wordsOf('AT&T <i>has --> won.\nYes', { won: 2 }).map((word, index) => ({
    ...word,
    startSeconds: 3_661.5 + index * 0.25,
    endSeconds: 3_661.75 + index * 0.25,
  }));

  it('writes JSON in seconds, within the speech', () => {
    expect(JSON.parse(formatWords(words, 'json', 3_662))).toEqual([
      { word: 'AT&T', start: 3_661.5, end: 3_661.75 },
      { word: '<i>has', start: 3_661.75, end: 3_662 },
      { word: '-->', start: 3_662, end: 3_662 },
      { word: 'won.\nYes', start: 3_662, end: 3_662 },
    ]);
    expect(JSON.parse(formatWords([], 'json', 0))).toEqual([]);
  });

  it('writes SubRip', () => {
    expect(formatWords(words, 'srt', 4_000)).toBe(
      '1\n01:01:01,500 --> 01:01:02,500\nAT&T <\u200bi>has --\u200b> won. Yes\n',
    );
    const two = wordsOf('One. Two.', { 'Two.': 2 });
    expect(formatWords(two, 'srt', 2.25)).toBe(
      '1\n00:00:00,000 --> 00:00:01,000\nOne.\n\n2\n00:00:02,000 --> 00:00:02,250\nTwo.\n',
    );
  });

  it('writes WebVTT with the time of each word', () => {
    expect(formatWords(words, 'vtt', 4_000)).toBe(
      'WEBVTT\n\n01:01:01.500 --> 01:01:02.500\nAT&amp;T <01:01:01.750>&lt;i&gt;has <01:01:02.000>--&gt; <01:01:02.250>won. Yes\n',
    );
    expect(formatWords([], 'vtt', 1)).toBe('WEBVTT\n');
  });
});
