import { readFileSync } from 'node:fs';
import { TextFrontEnd, type Utterance } from '../../../tts/text/index.js';

/** Kind, input and what is said; the file explains itself. */
const ROWS = readFileSync('test/golden/text/readings.tsv', 'utf8')
  .trimEnd()
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .map((line) => line.split('\t') as [string, string, string]);

/** The words that are said and the pauses between them. */
function said(utterances: readonly Utterance[]): string {
  const tokens: string[] = [];
  for (const { phones, words } of utterances) {
    const counts = new Map<number, number>();
    for (const { phone, wordStart, wordIndex } of phones.slice(1)) {
      const count = counts.get(wordIndex) ?? 0;
      if (wordStart) {
        counts.set(wordIndex, count + 1);
        tokens.push(words[wordIndex]!.said[count]!);
      } else if (wordIndex < 0) {
        tokens.push(phone.slice(-1));
      }
    }
  }
  return tokens.join(' ').replace(/ \.$/, '');
}

describe('TextFrontEnd on text as people write it', () => {
  let frontEnd: TextFrontEnd;
  beforeAll(async () => {
    frontEnd = await TextFrontEnd.load();
  });

  it('is tested on at least 400 inputs, each once', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(400);
    expect(new Set(ROWS.map(([, input]) => input)).size).toBe(ROWS.length);
  });

  it.each(ROWS)('reads a %s: %s', async (_kind, input, expected) => {
    const utterances = await frontEnd.process(input.replaceAll('\\n', '\n'));
    expect(said(utterances)).toBe(expected);
  });

  it('answers alike when the rows come in pieces', async () => {
    const text = ROWS.map(([, input]) => input.replaceAll('\\n', '\n')).join('. And ');
    const whole = await frontEnd.process(text);
    for (const size of [1, 5, 29]) {
      const stream = frontEnd.stream();
      const pieces: Utterance[] = [];
      for (let start = 0; start < text.length; start += size) {
        pieces.push(...(await stream.push(text.slice(start, start + size))));
      }
      pieces.push(...(await stream.flush()));
      expect(pieces).toEqual(whole);
    }
  });
});
