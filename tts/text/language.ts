import { readTable } from './read-table.js';

/** A language that a text seems to be written in. */
export type ForeignLanguage = {
  /** BCP 47 tag, such as `de`; `und-` and ISO 15924's code where only the script is known. */
  tag: string;
  /** In English, such as `German`. */
  name: string;
};

type Language = ForeignLanguage & { words: ReadonlySet<string> };
type Script = { pattern: RegExp; language: ForeignLanguage };
type Tables = {
  english: ReadonlySet<string>;
  /** Words that stand in the names of people, places and dishes all over the world. */
  inNames: ReadonlySet<string>;
  languages: Language[];
  scripts: Script[];
};

/** What is looked at: a language is known after a few words, and a long text should cost no time. */
const MAX_CHARACTERS = 2000;
/** Fewer words are often names or borrowed. */
const MIN_WORDS = 4;
/** Part of the letters that must be of another script; a quoted word or a formula has less. */
const MIN_SCRIPT_SHARE = 0.3;
/** In a text of none but unknown words there must be more of them to judge by their letters. */
const MIN_UNKNOWN_WORDS = 6;
/** Part of the words with letters beyond a to z, from which a text in no known words is foreign. */
const MIN_ACCENTED_SHARE = 0.3;
/** One sign of these is as much as a short word. */
const DENSE_SCRIPT = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;
/** Letters that are no letter of the alphabet with an accent. */
const OTHER_LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ı: 'i',
  æ: 'ae',
};

/** Phones, addresses, paths, options and what else programs read. */
const NOT_PROSE =
  /\[\[[^\][]*\]\]|\S*[\p{L}\p{N}][./@:_=]+[\p{L}\p{N}]\S*|\S*(?:[\\/_=(){}<>]|::)\S*|(?<!\S)-{1,2}\w\S*/gu;

let tables: Tables | undefined;

/**
 * Tells a text of another language from an English one: by its script, or for Latin letters by the
 * commonest words (tts/text/data/languages.tsv) and by tinyld. It is made not to cry wolf: English
 * texts with foreign names or words are English, and fewer than four words are given no judgement.
 *
 * @param text - Any string; its first 2000 characters count.
 * @returns The language; undefined for English, and where it cannot be told.
 */
export async function findForeignLanguage(text: string): Promise<ForeignLanguage | undefined> {
  tables ??= readTables();
  const sample = text.slice(0, MAX_CHARACTERS);
  return (await findScript(sample, tables)) ?? (await findLatinLanguage(sample, tables));
}

async function findScript(text: string, { scripts }: Tables): Promise<ForeignLanguage | undefined> {
  const counts = new Map<string, number>();
  let numLatin = 0;
  let numOther = 0;
  for (const [letter] of text.matchAll(/\p{L}/gu)) {
    if (/\p{Script=Latin}/u.test(letter)) {
      numLatin++;
      continue;
    }
    const weight = DENSE_SCRIPT.test(letter) ? 2 : 1;
    numOther += weight;
    const { tag } = languageOfLetter(letter, scripts);
    counts.set(tag, (counts.get(tag) ?? 0) + weight);
  }
  if (numOther === 0 || numOther < MIN_SCRIPT_SHARE * (numOther + numLatin)) {
    return undefined;
  }
  // Japanese is written with Han signs too
  const [most] = [...counts].sort(([, a], [, b]) => b - a)[0]!;
  const tag = most === 'zh' && counts.has('ja') ? 'ja' : most;
  const known = scripts.find(({ language }) => language.tag === tag)?.language;
  return (await refineScript(text, tag)) ?? known ?? { tag, name: 'another script' };
}

function languageOfLetter(letter: string, scripts: readonly Script[]): ForeignLanguage {
  const script = scripts.find(({ pattern }) => pattern.test(letter));
  return script?.language ?? { tag: 'und', name: 'another script' };
}

/** Languages that share a script with the one that the table names. */
const SHARED_SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  ru: ['ru', 'uk', 'be', 'bg', 'sr', 'mk', 'kk'],
  ar: ['ar', 'fa', 'ur'],
  hi: ['hi', 'mr'],
};

async function refineScript(text: string, tag: string): Promise<ForeignLanguage | undefined> {
  const only = SHARED_SCRIPTS[tag];
  if (only === undefined) {
    return undefined;
  }
  const { detect } = await import('tinyld');
  const found = detect(text, { only: [...only] });
  return found === '' || found === tag ? undefined : { tag: found, name: nameOf(found) };
}

async function findLatinLanguage(
  text: string,
  { english, inNames, languages }: Tables,
): Promise<ForeignLanguage | undefined> {
  const { words, numAccented } = splitWords(text);
  const numEnglish = words.filter((word) => english.has(word)).length;
  if (words.length < MIN_WORDS || numEnglish > words.length / 4) {
    return undefined;
  }
  const counts = languages.map(({ words: common }) => countCommon(words, common, inNames));
  const most = Math.max(...counts);
  const candidates = languages.filter((_, index) => counts[index] === most && most > 0);
  const isAccented =
    numAccented >= words.length * MIN_ACCENTED_SHARE &&
    (most > 0 || words.length >= MIN_UNKNOWN_WORDS);
  if (most <= 2 * numEnglish && !(isAccented && numEnglish === 0)) {
    return undefined;
  }
  const { detectAll } = await import('tinyld');
  const guess = detectAll(text)[0]?.lang ?? 'en';
  const agreed = candidates.find(({ tag }) => tag === guess);
  if (agreed !== undefined) {
    return agreed;
  }
  if (most >= 2 && candidates.length > 0) {
    return candidates[0];
  }
  return isAccented && guess !== 'en' ? { tag: guess, name: nameOf(guess) } : undefined;
}

/** Words of a language's list; those that are found in names count only beside one that is not. */
function countCommon(
  words: readonly string[],
  common: ReadonlySet<string>,
  inNames: ReadonlySet<string>,
): number {
  const found = words.filter((word) => common.has(word));
  return found.every((word) => inNames.has(word)) ? 0 : found.length;
}

/**
 * The words of a text, without accents. Those with a capital inside a sentence are left out: they are
 * names in most languages, and nouns in German.
 */
function splitWords(text: string): { words: string[]; numAccented: number } {
  const words: string[] = [];
  let numAccented = 0;
  const prose = text.replace(NOT_PROSE, ' ');
  for (const { 0: written, index } of prose.matchAll(/\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)*/gu)) {
    const startsSentence = /(?:^|[.!?¿¡…]\s*)$/u.test(prose.slice(Math.max(0, index - 4), index));
    if (/^\p{Lu}/u.test(written) && !startsSentence) {
      continue;
    }
    const plain = written
      .toLowerCase()
      .replaceAll('’', "'")
      .replace(/[ßøłđıæ]/g, (letter) => OTHER_LETTERS[letter]!)
      .normalize('NFD')
      .replace(/\p{M}/gu, '');
    numAccented += /[^\x20-\x7e’]/.test(written) ? 1 : 0;
    words.push(plain);
  }
  return { words, numAccented };
}

function nameOf(tag: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(tag) ?? tag;
}

function readTables(): Tables {
  const [english, inNames, ...languages] = readTable('languages').map(
    ([tag = '', name = '', words = '']) => ({
      tag,
      name,
      words: new Set(words.split(' ')),
    }),
  );
  const scripts = readTable('scripts').map(([script = '', code = '', tag = '', name = '']) => ({
    pattern: new RegExp(`\\p{Script=${script}}`, 'u'),
    language: {
      tag: tag === '' ? `und-${code}` : tag,
      name: tag === '' ? `${script} script` : name,
    },
  }));
  return { english: english!.words, inNames: inNames!.words, languages, scripts };
}
