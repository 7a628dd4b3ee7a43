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
      'pau, _hh ah0 l ow1 pau, _w er1 l d pau.',
      'pau, _ih0 z _ih1 t pau?',
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
    ['the end', 'dh iy0'],
    ['the day', 'dh ah0'],
    ['the hour', 'dh iy0'],
    ['the union', 'dh ah0'],
    ['the FBI', 'dh iy0'],
    ['the UN', 'dh ah0'],
    ['the [[AE1 K]]', 'dh iy0'],
    ['the', 'dh ah0'],
    ['the, end', 'dh ah0'],
    ['a day', 'ah0'],
    ['a', 'ah0'],
    ['an end', 'ae0 n'],
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
        return await Promise.resolve(words.map(() => ['ih1', 'p']));
      },
    });
    const [utterance] = await guessing.process('The blorfingtag and blorfingtag.');
    await guessing.process('Blorfingtag!');
    expect(asked).toEqual([['blorfingtag']]);
    expect(line(utterance!)).toBe('pau, _dh iy0 _ih1 p _ae0 n d _ih1 p pau.');
  });

  it.each([
    // inside a phrase, at a mark, at the end
    ['Go to Ann.', '_t uh0'],
    ['Go to Bob.', '_t ah0'],
    ['Go to, well.', '_t uw1'],
    ['Go to (see.', '_t uw1'],
    ['Go to.', '_t uw1'],
    ['Go to', '_t uw1'],
    ['Go for Bob.', '_f ao0 r'],
    ['Go for.', '_f ao1 r'],
    ['Not from Bob.', '_f r ah0 m'],
    ['Not from?', '_f r ah1 m'],
    ['Was you there?', '_y uw0'],
    ['Was you?', '_y uw1'],
  ])('weakens function words inside a phrase: %s', async (text, expected) => {
    const [utterance] = await frontEnd.process(text);
    expect(
      line(utterance!)
        .replaceAll(/ (?:pau.)/g, '')
        .split(' _'),
    ).toContain(expected.slice(1));
  });

  it.each([['He said (I know) that.', '_ay0 _n ow1']])(
    'pauses at round brackets: %s',
    async (text, between) => {
      const [utterance] = await frontEnd.process(text);
      expect(line(utterance!)).toContain(`pau, ${between} pau,`);
    },
  );

  it.each([
    ['So?!', 'pau!'],
    ['So!?', 'pau?'],
    ['So...', 'pau.'],
    ['So (so?)', 'pau?'],
    ['So (so).', 'pau.'],
    ['So;', 'pau,'],
  ])('lets the last of several marks count: %s', async (text, last) => {
    const [utterance] = await frontEnd.process(text);
    expect(utterance!.phones.at(-1)!.phone).toBe(last);
  });

  it.each([
    ["walrus's", 'w ao1 l r ah0 s ih0 z'],
    ["giraffe's", 'jh er0 ae1 f s'],
    ['minueted', 'm ih0 n y uw2 eh1 t ih0 d'],
    ['waltzed', 'w ao1 l t s t'],
    ['cartwheeling', 'k aa1 r t w iy2 l ih0 ng'],
    ['snowfield', 's n ow1 f iy2 l d'],
    ["X's", 'eh1 k s ih0 z'],
    ['W', 'd ah1 b ah0 l y uw0'],
    // an entry with a comment
    ['gdp', 'g iy1 d iy1 p iy1'],
  ])('gives %s its stress', async (text, expected) => {
    const [utterance] = await frontEnd.process(text);
    expect(line(utterance!)).toBe(`pau, _${expected} pau.`);
  });

  it.each(['HH AH0 L OW1', 'hh ah0 l ow1', 'hh ax l ow', 'HH AX L OW'])(
    'takes phones from the text, with and without stress: %s',
    async (phones) => {
      const [utterance] = await frontEnd.process(`a [[ ${phones}]], is`);
      expect(line(utterance!)).toBe('pau, _ah0 _hh ah0 l ow1 pau, _ih1 z pau.');
    },
  );

  it.each([
    ['B AH N AE N AH', 'b ah1 n ae0 n ah0'],
    ['b ah0 n ae1 n ah', 'b ah0 n ae1 n ah0'],
    ['b ax n ae n ax', 'b ah0 n ae1 n ah0'],
    ['sh t', 'sh t'],
  ])('reads the stress of %s in a user dictionary', async (phones, expected) => {
    const own = await TextFrontEnd.load({ dictionary: { Linnet: phones } });
    const [utterance] = await own.process('linnet');
    expect(line(utterance!)).toBe(`pau, _${expected} pau.`);
  });

  it('keeps the words around phones', async () => {
    const [utterance] = await frontEnd.process('see[[HH AH0 L OW1]]me');
    expect(line(utterance!)).toBe('pau, _s iy1 _hh ah0 l ow1 _m iy1 pau.');
  });

  it.each([
    ['See [[Home Page]] for details.', 'See Home Page for details.'],
    ['See [[Home Page]].', 'See Home Page.'],
    ['See [[T and me]] there.', 'See T and me there.'],
    ['See [[ ]] there [[]].', 'See there.'],
    ['[[Home]]s', 'Home s'],
  ])('reads brackets without phones as text: %s', async (bracketed, plain) => {
    const [utterance] = await frontEnd.process(bracketed);
    const [expected] = await frontEnd.process(plain);
    expect(line(utterance!)).toBe(line(expected!));
    for (const { text, start, end } of utterance!.words) {
      expect(bracketed.slice(start, end)).toBe(text);
    }
  });

  it('refuses a bad phone among phones, and says which but not what', async () => {
    const failure = await frontEnd.process('A [[HH AH0 secret OW1]].').catch((e: unknown) => e);
    expect(failure).toEqual(errorWithCode('OPTION_INVALID'));
    expect(failure).toMatchObject({ details: { index: 2, numSymbols: 4 } });
    expect(String(failure)).not.toContain('secret');
  });

  it.each(['HH QQ', 'hh ah3', 'hh ah0 k1', ''])(
    'refuses %j in a user dictionary',
    async (phones) => {
      await expect(TextFrontEnd.load({ dictionary: { a: phones } })).rejects.toThrow(
        errorWithCode('OPTION_INVALID'),
      );
    },
  );

  it('names the bad phone of a user dictionary', async () => {
    const failure = await TextFrontEnd.load({ dictionary: { a: 'HH QQ' } }).catch(
      (e: unknown) => e,
    );
    expect(failure).toMatchObject({ details: { index: 1, symbol: 'QQ' } });
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
