import { readTable } from './read-table.js';

/** A short form: the words it stands for, when it is one, and whether its period ends a sentence. */
export type Abbreviation = {
  words: string[];
  when: 'always' | 'period' | 'capital' | 'title' | 'number' | 'name';
  ends: 'no' | 'starter' | 'yes';
};

/** A currency: the unit and its hundredth, each singular and plural. */
export type Currency = { one: string[]; many: string[]; cent: string; cents: string };

/** A unit of measure, singular and plural. */
export type Unit = { one: string[]; many: string[] };

/** Kinds of words in `contexts.tsv`. */
export type Context =
  | 'year'
  | 'version'
  | 'digits'
  | 'pairs'
  | 'call'
  | 'zip'
  | 'numeral'
  | 'ruler'
  | 'title'
  | 'ratio'
  | 'letter'
  | 'racing'
  | 'measured'
  | 'label'
  | 'sum'
  | 'bills';

/** Short forms by their writing in lower case without the last period. */
export const ABBREVIATIONS: ReadonlyMap<string, Abbreviation> = new Map(
  readTable('abbreviations').map(([written, said, when, ends]) => [
    written!,
    { words: said!.split(' '), when, ends } as Abbreviation,
  ]),
);

/** Kinds of streets, by their short forms in lower case. */
export const STREETS = readWords('streets');

/** Points of the compass, by their short forms in capitals. */
export const DIRECTIONS = readWords('directions');

/** States by postal code; `needsZip` where the code alone is another word. */
export const STATES: ReadonlyMap<string, { words: string[]; needsZip: boolean }> = new Map(
  readTable('states').map(([code, name, mark]) => [
    code!,
    { words: name!.split(' '), needsZip: mark === 'zip' },
  ]),
);

/** Months, in order, as words. */
export const MONTHS: readonly string[] = readTable('months').map(([name]) => name!);

/** The words of months by every way in which they are written, in lower case. */
export const MONTH_NAMES = readForms('months');

/** See {@link MONTH_NAMES}. */
export const DAY_NAMES = readForms('days');

/** Units written after a number. */
export const UNITS: ReadonlyMap<string, Unit> = new Map(
  readTable('units').map(([written, one, many]) => [
    written!,
    { one: one!.split(' '), many: many!.split(' ') },
  ]),
);

/** Currencies by sign and by code. */
export const CURRENCIES: ReadonlyMap<string, Currency> = new Map(
  readTable('currencies').map(([sign, one, many, cent, cents]) => [
    sign!,
    { one: one!.split(' '), many: many!.split(' '), cent: cent!, cents: cents! },
  ]),
);

/** Words that stand for a power of ten after an amount. */
export const MAGNITUDES: ReadonlyMap<string, string> = new Map(
  readTable('magnitudes').map(([written, said]) => [written!, said!]),
);

/** Signs that are read out. */
// in the file `#` begins a comment
export const SIGN_WORDS: ReadonlyMap<string, string[]> = new Map([
  ...readWords('signs'),
  ['#', ['number']],
]);

/** Whole tokens with a reading of their own. */
export const FIXED = readWords('fixed');

/** Capitals that are neither spelled nor read as a word, or spelled in any surroundings. */
export const INITIALISMS = readWords('initialisms');

/** Endings of file names. */
export const EXTENSIONS = readWords('extensions');

/** Parts of addresses that are said as something else than they look like. */
export const ADDRESS_PIECES = readWords('address-pieces');

/** Last parts of domain names. */
export const DOMAINS: ReadonlySet<string> = new Set(readTable('domains').map(([name]) => name!));

/** Words that begin a sentence after the period of a short form. */
export const STARTERS: ReadonlySet<string> = new Set(readTable('starters').map(([word]) => word!));

/** Short words in lower case; those with `true` are words in capitals only among other capitals. */
export const SHORT_WORDS: ReadonlyMap<string, boolean> = new Map(
  readTable('short-words').map(([word, mark]) => [word!, mark === 'caps']),
);

const CONTEXTS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  readTable('contexts').map(([kind, words]) => [kind!, new Set(words!.split(' '))]),
);

/**
 * Whether a word tells how a number or numeral after it is read.
 *
 * @param kind - How it would be read.
 * @param word - The word before it, in any case.
 * @returns Whether it is of that kind.
 */
export function isContext(kind: Context, word: string): boolean {
  return CONTEXTS.get(kind)!.has(word.toLowerCase());
}

/** Books of the Bible by every way in which they are written, in lower case. */
export const BIBLE_BOOKS = readForms('bible');

function readWords(name: string): ReadonlyMap<string, string[]> {
  return new Map(readTable(name).map(([written, said]) => [written!, said!.split(' ')]));
}

function readForms(name: string): ReadonlyMap<string, string> {
  return new Map(readTable(name).flatMap((forms) => forms.map((form) => [form, forms[0]!])));
}
