import { SpeechError } from '../../base/errors.js';
import { isBareVowel } from './phone-set.js';
import { readTable } from './read-table.js';

/** A transcription in our phones, or the first symbol of it that has none. */
export type IpaReading = { words: string[][] } | { unknown: string };

/** Marks of detail, length and syllable borders: nothing of them is heard in our phones. */
const IGNORED = /[ːˑ:.‿|‖ʰʷʲˠˤ()[\]/\-\u200d]|\p{Mn}/u;
const STRESS: Readonly<Record<string, string>> = { ˈ: '1', "'": '1', '’': '1', ˌ: '2', ',': '2' };

let sounds: ReadonlyMap<string, string> | undefined;

/**
 * Reads the International Phonetic Alphabet as it is used for English.
 *
 * @param text - Words between white space, with or without stress, length and syllable marks.
 * @returns Per word its phones, vowels with their stress. A word without a mark is stressed at its
 * first full vowel. `unknown` is the first symbol that English does not use.
 */
export function readIpa(text: string): IpaReading {
  const words: string[][] = [];
  for (const word of text.normalize('NFD').trim().split(/\s+/)) {
    const phones = readWord(word.replace(/[\u0361\u035c]/g, ''));
    if (typeof phones === 'string') {
      return { unknown: phones };
    }
    if (phones.length > 0) {
      words.push(phones);
    }
  }
  return { words };
}

/**
 * Reads IPA as {@link readIpa} does, without regard to the borders of words.
 *
 * @param text - Such as `həˈloʊ`; slashes or square brackets around it are passed over.
 * @returns Phones of `PHONES`, at least one.
 * @throws {SpeechError} `OPTION_INVALID` if a symbol is unknown, named in `details.symbol`, or if there
 * is no sound at all.
 */
export function ipaToPhones(text: string): string[] {
  const reading = readIpa(text);
  if ('unknown' in reading) {
    throw unknownSymbol(reading.unknown);
  }
  const phones = reading.words.flat();
  if (phones.length === 0) {
    throw new SpeechError(
      'OPTION_INVALID',
      'A pronunciation in IPA is empty; it must hold sounds.',
    );
  }
  return phones;
}

/** The phones of a word, or the symbol that has none. */
function readWord(word: string): string[] | string {
  const known = (sounds ??= loadSounds());
  const hasStress = /[ˈˌ'’,]/.test(word);
  const phones: string[] = [];
  let stress = hasStress ? '0' : '1';
  for (let index = 0; index < word.length;) {
    const length = [4, 3, 2, 1].find((size) => known.has(word.slice(index, index + size)));
    const character = String.fromCodePoint(word.codePointAt(index)!);
    if (length !== undefined) {
      for (const phone of known.get(word.slice(index, index + length))!.split(' ')) {
        const isFull = isBareVowel(phone);
        if (isFull || (hasStress && phone.endsWith('0'))) {
          phones.push(`${phone.replace('0', '')}${stress}`);
          stress = '0';
        } else {
          // an unmarked word keeps its stress for a vowel that can have it
          phones.push(phone);
        }
      }
      index += length;
    } else if (STRESS[character] !== undefined) {
      stress = STRESS[character];
      index++;
    } else if (IGNORED.test(character)) {
      index++;
    } else {
      return character;
    }
  }
  return phones;
}

function loadSounds(): ReadonlyMap<string, string> {
  return new Map(readTable('ipa').map(([ipa = '', phones = '']) => [ipa.normalize('NFD'), phones]));
}

function unknownSymbol(symbol: string): SpeechError {
  const code = `U+${symbol.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  return new SpeechError(
    'OPTION_INVALID',
    `A pronunciation in IPA holds ${JSON.stringify(symbol)} (${code}), which is no English sound; docs/dictionaries.md lists the symbols.`,
    { symbol },
  );
}
