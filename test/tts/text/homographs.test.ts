import { readFileSync } from 'node:fs';
import { partOfSpeech } from '../../../tts/text/homographs.js';
import { TextFrontEnd, type Utterance } from '../../../tts/text/index.js';
import { isPhone } from '../../../tts/text/phone-set.js';
import { readTable } from '../../../tts/text/read-table.js';

/** Sentences by which the rules were tuned, and others by which they were not. */
const SETS = [
  { name: 'tuned', atLeast: 0.98 },
  { name: 'held-out', atLeast: 0.97 },
] as const;
const PIECES = [1, 3, 17];
const PARTS = ['noun', 'verb', 'past', 'adjective', 'adverb'];

let frontEnd: TextFrontEnd;
beforeAll(async () => {
  frontEnd = await TextFrontEnd.load();
});

function readRows(name: string): [sentence: string, word: string, phones: string][] {
  return readFileSync(`test/golden/text/homographs-${name}.tsv`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => row.split('\t') as [string, string, string]);
}

/** The phones of a word, `word#2` being the second one of that spelling. */
function phonesOf(utterances: readonly Utterance[], which: string): string {
  const [word, occurrence = '1'] = which.split('#');
  const said = utterances.flatMap(({ words, phones }) =>
    words.flatMap(({ text }, index) =>
      text.toLowerCase().replace(/[^a-z']/g, '') === word
        ? [phones.filter(({ wordIndex }) => wordIndex === index).map(({ phone }) => phone)]
        : [],
    ),
  );
  return said[Number(occurrence) - 1]!.join(' ');
}

async function inPieces(text: string, size: number): Promise<Utterance[]> {
  const stream = frontEnd.stream();
  const utterances: Utterance[] = [];
  for (let start = 0; start < text.length; start += size) {
    utterances.push(...(await stream.push(text.slice(start, start + size))));
  }
  return [...utterances, ...(await stream.flush())];
}

describe('chooseHomographs', () => {
  it.each(SETS)('says at least $atLeast of the set $name right', async ({ name, atLeast }) => {
    const rows = readRows(name);
    const wrong: string[] = [];
    for (const [sentence, word, expected] of rows) {
      const phones = phonesOf(await frontEnd.process(sentence), word);
      if (phones !== expected) {
        wrong.push(`${word}: ${sentence} [${phones}]`);
      }
    }
    const isEnough = 1 - wrong.length / rows.length >= atLeast;
    // what is wrong shows only where it is too much
    expect(isEnough ? [] : wrong).toEqual([]);
  });

  it.each([
    ['I live at 5.', 'live', 'l ih1 v'],
    ['I will read it.', 'read', 'r iy1 d'],
    ['I read it yesterday.', 'read', 'r eh1 d'],
    ['a lead pipe', 'lead', 'l eh1 d'],
    ['THE LEAD PIPE LEAKS', 'lead', 'l eh1 d'],
    ['He gave it a polish.', 'polish', 'p aa1 l ih0 sh'],
    ['I like nice people.', 'nice', 'n ay1 s'],
    ['A brush is used to clean it.', 'used', 'y uw1 z d'],
    ['We were used to the noise.', 'used', 'y uw1 s t'],
    ['Their records are old.', 'records', 'r eh1 k er0 d z'],
    ['She records songs.', 'records', 'r ah0 k ao1 r d z'],
    ['He has read it, and you read it.', 'read#1', 'r eh1 d'],
  ])('knows %s', async (sentence, word, expected) => {
    expect(phonesOf(await frontEnd.process(sentence), word)).toBe(expected);
  });

  it.each(PIECES)('says the same when a text comes in pieces of %d', async (size) => {
    const text = readRows('tuned')
      .map(([sentence]) => sentence)
      .join(' ');
    expect(await inPieces(text, size)).toEqual(await frontEnd.process(text));
  });

  it('gives way to the user', async () => {
    const own = await TextFrontEnd.load({ dictionary: { lead: 'L AA1 D' } });
    expect(phonesOf(await own.process('a lead pipe'), 'lead')).toBe('l aa1 d');
  });
});

describe('partOfSpeech', () => {
  it.each([
    ['they will record it', 2, 'verb'],
    ['the old record is mine', 2, 'noun'],
    ['it was very separate from that', 3, 'adjective'],
    ['someone who records songs', 2, 'verb'],
    ['walk', 0, undefined],
  ])('in "%s" word %d', (sentence, index, expected) => {
    const words = sentence
      .split(' ')
      .map((word) => ({ word, isCapital: false, endsClause: false }));
    expect(partOfSpeech(words, index)).toBe(expected);
  });
});

describe('the data of homographs', () => {
  const rows = readTable('homographs');

  it('has phones of the set, in several ways for a word', () => {
    for (const [word, , phones] of rows) {
      expect({ word, phones: phones!.split(' ').every((p) => p === '-' || isPhone(p)) }).toEqual({
        word,
        phones: true,
      });
    }
  });

  it('has cues only for rows that exist', () => {
    const known = new Set(
      rows.flatMap(([word, when]) => when!.split(',').map((part) => `${word} ${part}`)),
    );
    for (const [word, when] of readTable('homograph-cues')) {
      // a regular plural has the rows of its word
      const base = word!.replace(/s$/, '');
      expect([word, when, known.has(`${word} ${when}`) || known.has(`${base} ${when}`)]).toEqual([
        word,
        when,
        true,
      ]);
    }
  });

  it('has evidence for known classes and parts only', () => {
    const guessed = ['relative', 'helped', 'asked', 'start', 'end', 'participle', 'gerund'];
    const classes = new Set([...readTable('word-classes').map(([name]) => name!), ...guessed]);
    for (const [, name, weights] of readTable('class-evidence')) {
      expect([name, classes.has(name!)]).toEqual([name, true]);
      for (const [part] of weights!.matchAll(/[a-z]+/g)) {
        expect([...PARTS, 'thirds']).toContain(part);
      }
    }
  });
});
