import { isPhone, PAUSES, TextFrontEnd, type Utterance } from '../../../tts/text/index.js';
import { errorWithCode } from '../../helpers/errors.js';

const TEXT =
  'Hello there, this is Dr. Smith of the U.S. army. Is it 3:45 p.m. already? Yes! It cost $5.20 -- ' +
  'no more... “Really?” he said. J. R. Hartley wrote it in 1983.\n\nA new paragraph without an end';

/** Phones as a line, words marked. */
function line(utterance: Utterance): string {
  return utterance.phones
    .map(({ phone, wordStart }) => (wordStart ? `_${phone}` : phone))
    .join(' ');
}

/** Numbers in [0, 1) that are the same in each run. */
function* random(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('TextFrontEnd', () => {
  let frontEnd: TextFrontEnd;
  beforeAll(async () => {
    frontEnd = await TextFrontEnd.load();
  });

  it('speaks a sentence with its pauses', async () => {
    const utterances = await frontEnd.process('Hello, world. Is it?');
    expect(utterances.map(line)).toEqual([
      'pau, _hh ax l ow pau, _w er l d pau.',
      'pau, _ih z _ih t pau?',
    ]);
  });

  it('says where each word stood', async () => {
    const text = 'Café for $5 million, “naïve” 😀 Jim?';
    const [utterance] = await frontEnd.process(text);
    expect(utterance!.words.map(({ text: word }) => word)).toEqual([
      'Café',
      'for',
      '$5 million,',
      '“naïve”',
      'Jim?',
    ]);
    for (const { text: word, start, end } of utterance!.words) {
      expect(text.slice(start, end)).toBe(word);
    }
  });

  it('does not end sentences at abbreviations, initials and decimals', async () => {
    const utterances = await frontEnd.process(TEXT);
    expect(utterances.map(({ words }) => words[0]!.text)).toEqual([
      'Hello',
      'Is',
      'Yes!',
      'It',
      '“Really?”',
      'J.',
      'A',
    ]);
  });

  it('makes no pause at the period of an abbreviation', async () => {
    const [utterance] = await frontEnd.process('Dr. Smith of the U.S. army.');
    const pauses = utterance!.phones.filter(({ wordIndex }) => wordIndex < 0);
    expect(pauses.map(({ phone }) => phone)).toEqual(['pau,', 'pau.']);
  });

  it.each([1, 3, 7, 64])('answers alike when the text comes in pieces of %d', async (size) => {
    const whole = await frontEnd.process(TEXT);
    const stream = frontEnd.stream();
    const pieces: Utterance[] = [];
    for (let start = 0; start < TEXT.length; start += size) {
      pieces.push(...(await stream.push(TEXT.slice(start, start + size))));
    }
    pieces.push(...(await stream.flush()));
    expect(pieces).toEqual(whole);
  });

  it('speaks a sentence before the text has ended', async () => {
    const stream = frontEnd.stream();
    expect(await stream.push('One two. Thr')).toHaveLength(1);
    expect(await stream.push('ee four')).toHaveLength(0);
    expect(await stream.flush()).toHaveLength(1);
  });

  it.each([
    ['the end', 'dh iy'],
    ['the day', 'dh ax'],
    ['the hour', 'dh iy'],
    ['the union', 'dh ax'],
  ])('chooses the vowel of the article in %s', async (text, article) => {
    const [utterance] = await frontEnd.process(text);
    const phones = utterance!.phones.filter(({ wordIndex }) => wordIndex === 0);
    expect(phones.map(({ phone }) => phone).join(' ')).toBe(article);
  });

  it.each(['', '   ', '!!! ...', '🎉🎉', '\ud800', '\u200b\u0000', '“”'])(
    'finds nothing to speak in %j',
    async (text) => {
      expect(await frontEnd.process(text)).toEqual([]);
    },
  );

  it('asks the guesser for unknown words, once each', async () => {
    const asked: string[][] = [];
    const guessing = await TextFrontEnd.load({
      guess: async (words) => {
        asked.push([...words]);
        return await Promise.resolve(words.map(() => ['z', 'ih', 'p']));
      },
    });
    const [utterance] = await guessing.process('Blorfingtag and blorfingtag.');
    await guessing.process('Blorfingtag!');
    expect(asked).toEqual([['blorfingtag']]);
    expect(line(utterance!)).toBe('pau, _z ih p _ae n d _z ih p pau.');
  });

  it('takes phones from the text and from a user dictionary', async () => {
    const own = await TextFrontEnd.load({ dictionary: { Linnet: 'L IH1 N IH0 T' } });
    const [utterance] = await own.process('linnet [[HH AH0 L OW1]],');
    expect(line(utterance!)).toBe('pau, _l ih n ih t _hh ax l ow pau,');
  });

  it('refuses unknown phones', async () => {
    await expect(TextFrontEnd.load({ dictionary: { a: 'QQ' } })).rejects.toThrow(
      errorWithCode('OPTION_INVALID'),
    );
  });

  it('survives any Unicode, and speaks only phones of the set', async () => {
    const numbers = random(7);
    const next = (limit: number) => Math.floor(numbers.next().value! * limit);
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: next(60) }, () =>
        String.fromCharCode(next(4) > 0 ? 32 + next(95) : next(65536)),
      ).join('');
      for (const { phones, words } of await frontEnd.process(text)) {
        expect(
          phones.filter(
            ({ phone }) => !isPhone(phone) && !(PAUSES as readonly string[]).includes(phone),
          ),
        ).toEqual([]);
        expect(phones.every(({ wordIndex }) => wordIndex < words.length)).toBe(true);
      }
    }
  });

  it('cuts endless sentences and takes a million characters', async () => {
    const utterances = await frontEnd.process('word '.repeat(200_000));
    const longest = Math.max(...utterances.map(({ words }) => words.length));
    expect(longest).toBeLessThanOrEqual(50);
    expect(utterances.reduce((sum, { words }) => sum + words.length, 0)).toBe(200_000);
  });
});
