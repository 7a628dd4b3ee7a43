import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDictionary } from '../../../tts/text/dictionary-file.js';
import {
  Dictionary,
  readDictionary,
  TextFrontEnd,
  type UserDictionary,
  type Utterance,
} from '../../../tts/text/index.js';
import { errorWithCode } from '../../helpers/errors.js';

const LINES = [
  '# pronunciations',
  'SQL\tsequel',
  'Nguyen\tW IH1 N',
  'Polish\tP OW1 L IH0 SH\texact',
  'New York\tthe big apple',
  'New\tnuts',
  'kilogram\tkeel oh gram',
  'GIF\t/dʒɪf/',
  'C\tsea',
  'Café\tcaff',
].join('\n');

function line(utterances: readonly Utterance[]): string {
  return utterances
    .flatMap(({ phones }) => phones)
    .filter(({ wordIndex }) => wordIndex >= 0)
    .map(({ phone, wordStart }) => (wordStart ? `_${phone}` : phone))
    .join(' ');
}

describe('a dictionary of lines', () => {
  const dictionary = parseDictionary(LINES, 'words.tsv');
  let frontEnd: TextFrontEnd;
  beforeAll(async () => {
    frontEnd = await TextFrontEnd.load();
  });
  async function say(text: string, own: readonly Dictionary[] = [dictionary]): Promise<string> {
    return line(await frontEnd.process(text, own));
  }

  it.each([
    ['SQL', 'sequel'],
    ['(sql), SQL.', '(sequel), sequel.'],
    ["SQL's", "sequel's"],
    ['an SQL-based table', 'an sequel based table'],
    ['Nguyen', '[[W IH1 N]]'],
    ["Nguyen's", '[[W IH1 N Z]]'],
    ['Polish polish', '[[P OW1 L IH0 SH]] polish'],
    ['the New York of the new', 'the the big apple of the nuts'],
    ['new, York', 'nuts, York'],
    ["New\nyork's", "the big apple's"],
    // what a number is read as is a word too
    ['a kilogram, 1 kg', 'a keel oh gram, one keel oh gram'],
    ['5 C', 'five sea'],
    ['It is C.', 'It is sea.'],
    ['ABC', 'ABC'],
    ['a GIF', 'a [[JH IH1 F]]'],
    ['café', 'caff'],
    ['[[S IH1 T]] sequel', '[[S IH1 T]] sequel'],
  ])('says %j as %j', async (text, expected) => {
    expect(await say(text)).toBe(await say(expected, []));
  });

  it('says where everything comes from', async () => {
    const guessing = await TextFrontEnd.load({
      guess: (words) => Promise.resolve(words.map(() => ['ih1', 'p'])),
    });
    const [utterance] = await guessing.process('Nguyen knows SQL blorfings [[S IH1 T]] FBI', [
      dictionary,
    ]);
    expect(
      utterance!.words.map(({ said, sources }) => `${said.join(' ')}: ${sources.join(' ')}`),
    ).toEqual([
      'Nguyen: user',
      'knows: dictionary',
      'sequel: user',
      'blorfings: network',
      '[[S IH1 T]]: rules',
      'F B I: rules rules rules',
    ]);
  });

  it('lets later dictionaries win, and one text have no part in another', async () => {
    const later = Dictionary.fromRecord({ sql: 'squeal', blorfing: 'bee' });
    expect(await say('SQL Nguyen blorfing', [dictionary, later])).toBe(
      await say('squeal [[W IH1 N]] bee', []),
    );
    expect(await say('SQL')).toBe(await say('sequel', []));
    expect(await say('blorfing', [])).not.toBe(await say('bee', []));
  });

  it('survives the way to another thread', async () => {
    const copy = Dictionary.fromData(structuredClone(dictionary.data));
    expect(await say('Nguyen in New York', [copy])).toBe(await say('Nguyen in New York'));
  });

  it('says where a word stood, of several or of a part', async () => {
    const text = 'In “New York”, SQL-based.';
    const [utterance] = await frontEnd.process(text, [dictionary]);
    expect(utterance!.words.map((word) => text.slice(word.start, word.end))).toEqual([
      'In',
      '“New York”,',
      'SQL-',
      'based.',
    ]);
  });

  it.each([1, 2, 5])('answers alike when the text comes in pieces of %d', async (size) => {
    const text = 'New York has SQL. “Nguyen’s café”, 3 kg of it. New York';
    const stream = frontEnd.stream([dictionary]);
    const pieces: Utterance[] = [];
    for (let start = 0; start < text.length; start += size) {
      pieces.push(...(await stream.push(text.slice(start, start + size))));
    }
    pieces.push(...(await stream.flush()));
    expect(pieces).toEqual(await frontEnd.process(text, [dictionary]));
  });

  it.each([
    ['They will record a song.', 'They will sing a song.'],
    ['He broke the record.', 'He broke the [[D IH1 S K]].'],
    ["The record's sound.", 'The [[D IH1 S K S]] sound.'],
    ['Record it, said the record company.', 'sing it, said the [[D IH1 S K]] company.'],
    ['A RECORD', 'A max'],
    ['A song, record', 'A song, record'],
  ])('chooses by part of speech, and by case before that: %s', async (text, expected) => {
    const own = parseDictionary(
      'record\tD IH1 S K\t\tnoun\nrecord\tsing\t\tverb\nRECORD\tmax\texact',
      'words.tsv',
    );
    expect(await say(text, [own])).toBe(await say(expected, []));
  });

  it.each([
    // a unit, an address, a numeral, a date, a formula, a short form
    ['It is 5 mi from here.', 'It is five me from here.'],
    ['5 Elm St. is here', 'five palm street is here'],
    ['Henry VIII came', 'Henry ate came'],
    ['It was May 5.', 'It was moo five.'],
    ['2 + x', 'two plus ecks'],
    ['the U.S. army', 'the us army'],
    ['in St. Louis.', 'in saint lou.'],
    ['cats vs. dogs', 'cats versus dogs'],
    // a homograph, and one beside a word of the user's
    ['They lead us.', 'They [[L EH1 D]] us.'],
    ['It is live May music.', 'It is live moo music.'],
    // no parts of addresses and dates
    ['https://sql.org/x', 'https://sql.org/x'],
    ['2025-12-31', '2025-12-31'],
  ])('goes before all rules of reading: %s', async (text, expected) => {
    const own = parseDictionary(
      'mi\tme\nElm\tpalm\nVIII\tate\nMay\tmoo\nx\tecks\nU.S.\tus\nSt. Louis\tsaint lou\n' +
        'vs.\tversus\nlead\tL EH1 D\n12\tdozen\norg\tO R G',
      'words.tsv',
    );
    const known = [Dictionary.fromRecord({ org: 'O R G' })];
    expect(await say(text, [own])).toBe(await say(expected, known));
  });

  it('lets the later of two entries count', async () => {
    expect(await say('x1', [parseDictionary('x1\tone\nX1\ttwo', 'f')])).toBe(await say('two', []));
  });
});

describe('parseDictionary', () => {
  it.each([
    ['word', 1],
    ['# a\n\nword\t', 3],
    ['a\tb\n\tc', 2],
    ['a\tHH QQ1 AH0', 1],
    ['a\t/hɘy%/', 1],
    ['a\tb\tadverbial', 1],
    ['...\tb', 1],
    ['a\t...', 1],
    [`a\t${'b'.repeat(201)}`, 1],
    [`${'a '.repeat(11)}\tb`, 1],
    ['<?xml version="1.0"?>\n<lexicon>\n<lexeme></lexeme></lexicon>', 3],
    ['<lexicon>\n<lexeme>', 2],
    ['<lexicon>&nbsp;</lexicon>', 1],
    ['<?xml version="1.0"?>\n<html/>', 2],
    ['<lexicon alphabet="x-sampa">\n</lexicon>', 1],
    ['<lexicon><lexeme>\n<grapheme>a</grapheme><phoneme>%</phoneme></lexeme></lexicon>', 1],
  ])('refuses %j and names line %d', (text, number) => {
    const parse = () => parseDictionary(text, 'words.tsv');
    expect(parse).toThrow(errorWithCode('OPTION_INVALID'));
    expect(parse).toThrow(new RegExp(`^words\\.tsv, line ${number}\\b`));
  });

  it('names the symbol that is wrong', () => {
    expect(() => parseDictionary('a\tHH QQ AH0', 'f')).toThrow(/"QQ"/);
    expect(() => parseDictionary('a\t/h%/', 'f')).toThrow(/"%" \(U\+0025\)/);
  });

  it('takes 100,000 entries and no more', () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `w${index}\tone`);
    expect(parseDictionary(lines.join('\n'), 'f').size).toBe(100_000);
    expect(() => parseDictionary([...lines, 'x\ty'].join('\n'), 'f')).toThrow(
      errorWithCode('OPTION_INVALID'),
    );
  });

  it.each([
    ['B M W', 'BMW'],
    ['uh oh', 'uh-oh'],
    ['L IH N AH T', '[[L IH1 N AH0 T]]'],
    ['sh t', '[[sh t]]'],
    ['/ˈlɪ.nət/', '[[L IH1 N AH0 T]]'],
    ['a hat', 'a hat'],
  ])('tells phones from words: %s', async (say, expected) => {
    const own: UserDictionary = { word: say };
    const frontEnd = await TextFrontEnd.load({ dictionary: own });
    const words = (text: string) => text.replaceAll(/_(?=.)/g, '');
    expect(words(line(await frontEnd.process('word')))).toBe(
      words(line(await frontEnd.process(expected))),
    );
  });
});

describe('the Pronunciation Lexicon Specification', () => {
  const PLS = `\ufeff<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE lexicon [<!ENTITY a "&b;">]>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en">
  <meta name="x" content="y"/>
  <lexeme role="x"><grapheme>judgment</grapheme><grapheme>judgement</grapheme>
    <phoneme>ˈdʒʌdʒ.mənt</phoneme><!-- no comment --></lexeme>
  <lexeme><grapheme>W3C</grapheme><alias>World Wide &amp; Web <![CDATA[Consortium]]></alias></lexeme>
  <lexeme><grapheme>Linnet</grapheme><phoneme>lɪt</phoneme>
    <phoneme alphabet="x-linnet" prefer="true">L IH1 N AH0 T</phoneme><example>no</example></lexeme>
</lexicon>`;

  it.each([
    ['judgment', '[[JH AH1 JH M AH0 N T]]'],
    ['judgement', '[[JH AH1 JH M AH0 N T]]'],
    ['W3C', 'World Wide & Web Consortium'],
    ['Linnet', '[[L IH1 N AH0 T]]'],
  ])('says %s as %s', async (text, expected) => {
    const frontEnd = await TextFrontEnd.load();
    const own = [parseDictionary(PLS, 'words.pls')];
    expect(line(await frontEnd.process(text, own))).toBe(line(await frontEnd.process(expected)));
  });
});

describe('readDictionary', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('reads a file', async () => {
    writeFileSync(join(folder, 'words.tsv'), `\ufeff${LINES.replaceAll('\n', '\r\n')}`);
    expect((await readDictionary(join(folder, 'words.tsv'))).size).toBe(9);
  });

  it('refuses what is missing, too large or no text', async () => {
    writeFileSync(join(folder, 'large'), Buffer.alloc(10_000_001, 'a'));
    writeFileSync(join(folder, 'bytes'), Buffer.from([0x61, 0x09, 0xff]));
    const read = (name: string) => readDictionary(join(folder, name));
    await expect(read('none')).rejects.toThrow(errorWithCode('FILE_NOT_FOUND'));
    await expect(read('.')).rejects.toThrow(errorWithCode('FILE_READ_FAILED'));
    await expect(read('large')).rejects.toThrow(errorWithCode('OPTION_INVALID'));
    await expect(read('bytes')).rejects.toThrow(errorWithCode('OPTION_INVALID'));
  });
});
