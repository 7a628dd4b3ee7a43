import { readGoldenLines } from '../../helpers/golden-lines.js';
import { findForeignLanguage } from '../../../tts/text/language.js';

/** Of the foreign texts of four words and more; the shortest hold no common word. */
const MIN_FOUND = 0.9;

describe('findForeignLanguage', () => {
  it.each(readGoldenLines('text/english.txt'))('takes for English: %s', async (text) => {
    expect(await findForeignLanguage(text)).toBeUndefined();
  });

  it('finds other languages, and their names', async () => {
    const lines = readGoldenLines('text/foreign.tsv').map((line) => line.split('\t'));
    const found = await Promise.all(lines.map(([, text]) => findForeignLanguage(text!)));
    const numFound = found.filter((language) => language !== undefined).length;
    expect(numFound / lines.length).toBeGreaterThanOrEqual(MIN_FOUND);
    const wrong = found.filter((language, index) => language && language.tag !== lines[index]![0]);
    expect(wrong.length / lines.length).toBeLessThan(0.05);
    expect(await findForeignLanguage('去北京的火车八点出发。')).toEqual({
      tag: 'zh',
      name: 'Chinese',
    });
  });

  it('names a script that it has no language for', async () => {
    expect(await findForeignLanguage('ᚠᚢᚦᚨᚱᚲ')).toEqual({ tag: 'und', name: 'another script' });
  });

  it.each(['', '...', '12 + 4', '\ud800', '🎉'])('says nothing of %j', async (text) => {
    expect(await findForeignLanguage(text)).toBeUndefined();
  });
});
