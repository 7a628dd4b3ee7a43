import { readFileSync } from 'node:fs';
import { TextFrontEnd } from '../../../tts/text/index.js';

/**
 * Sentences with the phones that the networks were trained to speak them by. `+` begins a word; a pause
 * is followed by its mark. The phones are of the Python package cmudict 1.1.3.
 */
const ROWS = readFileSync('test/golden/text/unseen.tsv', 'utf8')
  .trimEnd()
  .split('\n')
  .map((row) => row.split('\t') as [string, string]);

/** What we say otherwise on purpose: a part of the row, what stands for it here, and why. */
const DIFFERENCES = [
  // the file takes the period of an abbreviation for a mark
  { row: /Mr\. Toots/, theirs: '+m ih1 s t er0 pau. +t', ours: '+m ih1 s t er0 +t' },
  // the file has one reading for each spelling
  { row: /disclosed a wound/, theirs: '+w aw1 n d', ours: '+w uw1 n d' },
];

describe('TextFrontEnd on sentences with known phones', () => {
  let frontEnd: TextFrontEnd;
  beforeAll(async () => {
    frontEnd = await TextFrontEnd.load();
  });

  it.each(ROWS)('speaks: %s', async (text, row) => {
    const phones = (await frontEnd.process(text)).flatMap((utterance, index) =>
      // a row of several sentences has no pause before the second
      index === 0 ? utterance.phones : utterance.phones.slice(1),
    );
    let expected = row.replaceAll(/(pau.)\S/g, '$1');
    for (const { row: where, theirs, ours } of DIFFERENCES) {
      if (where.test(text)) {
        expect(expected).toContain(theirs);
        expected = expected.replace(theirs, ours);
      }
    }
    const said = phones.map(({ phone, wordStart }) => (wordStart ? `+${phone}` : phone));
    expect(said.join(' ')).toBe(expected);
  });
});
