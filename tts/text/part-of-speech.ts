import { readTable } from './read-table.js';

/** What a word is in its sentence. */
export type PartOfSpeech = 'noun' | 'verb' | 'adjective' | 'adverb';

/** Every {@link PartOfSpeech}. */
export const PARTS_OF_SPEECH = ['noun', 'verb', 'adjective', 'adverb'] as const;

/** A word of a sentence as it will be said, with what the writing shows. */
export type ContextWord = {
  /** Lower-case, or a single capital letter to be spelled. */
  word: string;
  /** Whether it is written with a capital letter and small ones. */
  isCapital: boolean;
  /** Whether a mark follows it. */
  endsClause: boolean;
};

/**
 * Sums of evidence. `past` is the past tense or participle of a verb, `thirds` its third person; `verb`
 * is its base form.
 */
export type Evidence = Record<PartOfSpeech | 'past' | 'thirds', number>;

/** Adverbs skipped between a word and the one that tells what it is. */
const MAX_SKIPPED = 2;
/** How far before a word the verb of a question may stand. */
const QUESTION_REACH = 7;
/** Classes of words that have another class too. */
const LOOKED_UP: ReadonlySet<string> = new Set(['helping', 'takes-to', 'pasts']);
const LEAST_EVIDENCE = 1;

type Tables = {
  /** The class of a word. */
  words: ReadonlyMap<string, string>;
  /** The words of a class. */
  classes: ReadonlyMap<string, ReadonlySet<string>>;
  /** By place and class, such as `before noun`. */
  evidence: ReadonlyMap<string, readonly (readonly [keyof Evidence, number])[]>;
};

let tables: Tables | undefined;

/**
 * Tells what a word is by the words around it.
 *
 * @param sentence - The words of a sentence.
 * @param index - The word, from 0 to `sentence.length - 1`.
 * @param among - What it can be; anything by default.
 * @returns Its part of speech; undefined where the words around it do not tell.
 */
export function partOfSpeech(
  sentence: readonly ContextWord[],
  index: number,
  among: readonly PartOfSpeech[] = PARTS_OF_SPEECH,
): PartOfSpeech | undefined {
  const { past, thirds, ...sums } = weighEvidence(sentence, index);
  const word = sentence[index]?.word ?? '';
  sums.verb = isThird(word) ? thirds : word.endsWith('ed') ? past : sums.verb;
  const [best, ...others] = [...new Set(among)].sort((a, b) => sums[b] - sums[a]);
  // nouns and adjectives stand in the same places: what follows decides, if only by a little
  const rival = others.find((part) => !isNominal(part) || !isNominal(best!));
  const isClear = rival === undefined || sums[best!] - sums[rival] >= LEAST_EVIDENCE;
  return isClear ? best : undefined;
}

function isNominal(part: PartOfSpeech): boolean {
  return part === 'noun' || part === 'adjective';
}

/**
 * Sums what the neighbours of a word say about it.
 *
 * @param sentence - The words of a sentence.
 * @param index - The word.
 * @returns The sums; higher is likelier.
 */
export function weighEvidence(sentence: readonly ContextWord[], index: number): Evidence {
  const sums: Evidence = { noun: 0, verb: 0, adjective: 0, adverb: 0, past: 0, thirds: 0 };
  for (const found of classesBefore(sentence, index)) {
    add(sums, `before ${found}`);
  }
  add(sums, `after ${classAfter(sentence, index)}`);
  return sums;
}

/**
 * @param word - A lower-case word.
 * @param name - A class of word-classes.tsv.
 * @returns Whether the class lists the word.
 */
export function isOfClass(word: string, name: string): boolean {
  return loadTables().classes.get(name)?.has(word) ?? false;
}

/**
 * @param word - A lower-case word.
 * @returns The first class of word-classes.tsv that lists it, else one by its ending; mostly `noun`.
 */
export function classOf(word: string): string {
  return loadTables().words.get(word) ?? guessClass(word);
}

/** @param word - A verb or noun. @returns Whether it has the ending of a third person or plural. */
export function isThird(word: string): boolean {
  return /[^s]s$/.test(word);
}

/**
 * @param sentence - The words of a sentence.
 * @param index - A word.
 * @returns The class of the verb that asks about the subject before the word, as in `does he`;
 * undefined where none does.
 */
export function questionVerb(
  sentence: readonly ContextWord[],
  index: number,
): 'do' | 'modal' | 'have' | undefined {
  const subject = classAt(sentence, index - 1);
  if (!['subject', 'pronoun', 'noun', 'plural', 'her'].includes(subject)) {
    return undefined;
  }
  for (let at = index - 2; at >= Math.max(0, index - QUESTION_REACH); at--) {
    const found = classAt(sentence, at);
    if (sentence[at]!.endsClause || found === 'verb' || found === 'to') {
      return undefined;
    }
    if (found === 'do' || found === 'modal' || found === 'have') {
      // a subject before it makes a statement of it: they do when we ...
      const before = at === 0 || sentence[at - 1]!.endsClause ? 'start' : classAt(sentence, at - 1);
      const isStatement = ['subject', 'pronoun', 'object', 'to'].includes(before);
      return isStatement ? undefined : found;
    }
  }
  return undefined;
}

function classesBefore(sentence: readonly ContextWord[], index: number): string[] {
  const found: string[] = [];
  let at = index - 1;
  for (; at >= 0 && !sentence[at]!.endsClause && found.length < MAX_SKIPPED; at--) {
    if (classAt(sentence, at) !== 'adverb') {
      break;
    }
    found.push('adverb');
  }
  if (at < 0 || sentence[at]!.endsClause) {
    return [...found.slice(0, 1), 'start'];
  }
  const nearest = classAt(sentence, at);
  const before = sentence[at - 1]?.word ?? '';
  if (nearest === 'to' && isOfClass(before, 'takes-to')) {
    return ['preposition'];
  }
  if (['object', 'her', 'noun', 'pronoun'].includes(nearest) && isOfClass(before, 'helping')) {
    return ['helped'];
  }
  const isRelative = nearest === 'that' || nearest === 'asking';
  if (isRelative && ['noun', 'plural'].includes(classAt(sentence, at - 1))) {
    return [...found.slice(0, 1), 'relative'];
  }
  const asked = questionVerb(sentence, at + 1);
  return [...found.slice(0, 1), nearest, ...(asked === 'do' || asked === 'modal' ? ['asked'] : [])];
}

function classAfter(sentence: readonly ContextWord[], index: number): string {
  return sentence[index]!.endsClause || index + 1 >= sentence.length
    ? 'end'
    : classAt(sentence, index + 1);
}

function classAt(sentence: readonly ContextWord[], index: number): string {
  const found = sentence[index];
  if (found === undefined) {
    return 'start';
  }
  const { word, isCapital } = found;
  const listed = loadTables().words.get(word);
  return listed ?? (isCapital && index > 0 && !word.endsWith("'s") ? 'noun' : guessClass(word));
}

/** By its ending. */
function guessClass(word: string): string {
  if (/'s$|s'$/.test(word)) {
    return 'possessive';
  }
  if (/..ly$/.test(word)) {
    return 'adverb';
  }
  if (/..ing$/.test(word)) {
    return 'gerund';
  }
  if (/..ed$/.test(word)) {
    return 'participle';
  }
  if (/..(?:ous|ful|ive|able|ible|ical|less|ional|ural|ial|istic|est|..ic)$/.test(word)) {
    return 'adjective';
  }
  return word.length > 3 && /(?:[^suiy']|e)s$/.test(word) ? 'plural' : 'noun';
}

function add(sums: Evidence, key: string): void {
  for (const [part, weight] of loadTables().evidence.get(key) ?? []) {
    sums[part] += weight;
  }
}

function loadTables(): Tables {
  tables ??= { ...readClasses(), evidence: readEvidence() };
  return tables;
}

function readClasses(): Pick<Tables, 'words' | 'classes'> {
  const words = new Map<string, string>();
  const classes = new Map<string, Set<string>>();
  for (const [name, text] of readTable('word-classes')) {
    const listed = classes.get(name!) ?? new Set<string>();
    classes.set(name!, listed);
    for (const word of text!.split(' ')) {
      listed.add(word);
      if (!words.has(word) && !LOOKED_UP.has(name!)) {
        words.set(word, name!);
      }
    }
  }
  return { words, classes };
}

function readEvidence(): Tables['evidence'] {
  return new Map(
    readTable('class-evidence').map(([place, name, weights]) => [
      `${place} ${name}`,
      readWeights(weights!),
    ]),
  );
}

function readWeights(text: string): [keyof Evidence, number][] {
  return Array.from(text.matchAll(/(\w+) (-?[\d.]+)/g), ([, part, weight]) => [
    part as keyof Evidence,
    Number(weight),
  ]);
}
