import {
  isOfClass,
  isThird,
  questionVerb,
  weighEvidence,
  PARTS_OF_SPEECH,
  type ContextWord,
  type Evidence,
  type PartOfSpeech,
} from './part-of-speech.js';
import { sEnding } from './phone-notation.js';
import { readTable } from './read-table.js';

export { partOfSpeech, type ContextWord, type PartOfSpeech } from './part-of-speech.js';

/** One way to say a homograph: a row of homographs.tsv. */
type Sense = {
  /** Parts of speech and other names. */
  when: readonly string[];
  /** Undefined where the lexicon says it. */
  phones: readonly string[] | undefined;
};

/** A row of homograph-cues.tsv. */
type Cues = {
  when: string;
  strength: number;
  before: ReadonlySet<string>;
  after: ReadonlySet<string>;
  anywhere: ReadonlySet<string>;
  capital: boolean;
  always: boolean;
};

type Tables = {
  senses: ReadonlyMap<string, readonly Sense[]>;
  cues: ReadonlyMap<string, readonly Cues[]>;
};

/** What decides between senses that are equally likely: the first one is the commonest. */
const FIRST_SENSE = 0.3;
/** Against a name that is written small. */
const NO_NAME = 10;
const NAMES: ReadonlySet<string> = new Set(['city', 'name', 'nation']);
const PAST_TENSE = 3;

let tables: Tables | undefined;

/** @param word - A lower-case word. @returns Whether it is said in several ways. */
export function isHomograph(word: string): boolean {
  return loadTables().senses.has(word);
}

/**
 * @param word - A lower-case word.
 * @returns The parts of speech that its pronunciation is known to depend on; none for most words.
 */
export function partsOf(word: string): PartOfSpeech[] {
  const names = new Set(
    loadTables()
      .senses.get(word)
      ?.flatMap(({ when }) => when),
  );
  return PARTS_OF_SPEECH.filter((part) => names.has(part));
}

/**
 * Chooses how the homographs of a sentence are said, by the words around them.
 *
 * @param sentence - The words of a whole sentence.
 * @returns For each index of a homograph its phones, of `PHONES`; other words, and homographs that are
 * said as the lexicon has them, have none.
 */
export function chooseHomographs(
  sentence: readonly ContextWord[],
): ReadonlyMap<number, readonly string[]> {
  const chosen = new Map<number, readonly string[]>();
  const { senses } = loadTables();
  for (const [index, { word }] of sentence.entries()) {
    const found = senses.get(word);
    const phones = found && chooseSense(sentence, index, found).phones;
    if (phones !== undefined) {
      chosen.set(index, phones);
    }
  }
  return chosen;
}

function chooseSense(
  sentence: readonly ContextWord[],
  index: number,
  senses: readonly Sense[],
): Sense {
  const evidence = weighEvidence(sentence, index);
  const special = SPECIAL[sentence[index]!.word]?.(sentence, index);
  let best = senses[0]!;
  let bestScore = -Infinity;
  for (const [rank, sense] of senses.entries()) {
    const scores = sense.when.map(
      (when) =>
        partScore(when, sentence[index]!.word, evidence) +
        cueScore(sentence, index, when) +
        (special?.[when] ?? 0),
    );
    const score = Math.max(...scores) + (rank === 0 ? FIRST_SENSE : 0);
    if (score > bestScore) {
      best = sense;
      bestScore = score;
    }
  }
  return best;
}

/** Senses with other names than parts of speech are nouns. */
function partScore(when: string, word: string, evidence: Evidence): number {
  if (when === 'verb' && isThird(word)) {
    return evidence.thirds;
  }
  return when in evidence ? evidence[when as keyof Evidence] : evidence.noun;
}

function cueScore(sentence: readonly ContextWord[], index: number, when: string): number {
  const { word, isCapital, endsClause } = sentence[index]!;
  const before = sentence[index - 1];
  const previous = before === undefined || before.endsClause ? '' : before.word;
  const next = endsClause ? '' : (sentence[index + 1]?.word ?? '');
  let score = NAMES.has(when) && !isCapital ? -NO_NAME : 0;
  for (const cues of loadTables().cues.get(word) ?? []) {
    if (
      cues.when === when &&
      (cues.always ||
        cues.before.has(previous) ||
        cues.after.has(next) ||
        (cues.capital && isCapital && index > 0) ||
        (cues.anywhere.size > 0 && sentence.some((other) => cues.anywhere.has(other.word))))
    ) {
      score += cues.strength;
    }
  }
  return score;
}

/** Words whose choice rests on more than their neighbours. */
const SPECIAL: Readonly<
  Record<string, (sentence: readonly ContextWord[], index: number) => Record<string, number>>
> = { read: weighRead, used: weighUsed };

/** The past of `read` is written as its present: tense is in the other words. */
function weighRead(sentence: readonly ContextWord[], index: number): Record<string, number> {
  const asked = questionVerb(sentence, index);
  if (asked !== undefined) {
    return asked === 'have' ? { past: PAST_TENSE * 2 } : { verb: PAST_TENSE };
  }
  const previous = sentence[index - 1]?.word ?? '';
  // he and she would have `reads`
  const isSingular = /^(?:he|she|it|who|[a-z]+(?:body|one))$/.test(previous);
  const isPast = sentence.some(
    ({ word }, at) => at !== index && (isOfClass(word, 'pasts') || /..ed$/.test(word)),
  );
  const isLast = /\b(?:last|this) (?:night|week|month|year|summer|morning|time)\b/.test(
    sentence.map(({ word }) => word).join(' '),
  );
  return { past: (isSingular ? PAST_TENSE : 0) + (isPast || isLast ? PAST_TENSE / 2 : 0) };
}

/** `Used to` is a habit, but a tool is used to open something. */
function weighUsed(sentence: readonly ContextWord[], index: number): Record<string, number> {
  const isBeforeTo = !sentence[index]!.endsClause && sentence[index + 1]?.word === 'to';
  if (!isBeforeTo) {
    return { accustomed: -NO_NAME };
  }
  const isPassive = isOfClass(sentence[index - 1]?.word ?? '', 'be');
  const following = sentence[index + 2]?.word ?? '';
  const isThing =
    following.endsWith('ing') ||
    ['determiner', 'possessive', 'object', 'pronoun', 'her', 'that'].some((name) =>
      isOfClass(following, name),
    );
  return isPassive && !isThing ? { accustomed: -NO_NAME } : { accustomed: NO_NAME };
}

function loadTables(): Tables {
  tables ??= { senses: readSenses(), cues: readCues() };
  return tables;
}

function readSenses(): Map<string, Sense[]> {
  const senses = new Map<string, Sense[]>();
  for (const [word, when, phones] of readTable('homographs')) {
    const sense = {
      when: when!.split(','),
      phones: phones === '-' ? undefined : phones!.split(' '),
    };
    senses.set(word!, [...(senses.get(word!) ?? []), sense]);
  }
  for (const [word, found] of Array.from(senses)) {
    // only nouns and verbs take the ending
    const isRegular = found.filter(({ when }) => when.includes('noun') || when.includes('verb'));
    if (!senses.has(`${word}s`) && !word.endsWith('s') && isRegular.length > 1) {
      senses.set(
        `${word}s`,
        isRegular.map(({ when, phones }) => ({
          when,
          phones: phones && [...phones, ...sEnding(phones)],
        })),
      );
    }
  }
  return senses;
}

function readCues(): Map<string, Cues[]> {
  const found = new Map<string, Cues[]>();
  for (const [word, when, strength, text] of readTable('homograph-cues')) {
    const cues = text!.split(' ');
    const startingWith = (sign: string): Set<string> =>
      new Set(cues.filter((cue) => cue.startsWith(sign)).map((cue) => cue.slice(1)));
    const row = {
      when: when!,
      strength: Number(strength),
      before: startingWith('<'),
      after: startingWith('>'),
      anywhere: startingWith('*'),
      capital: cues.includes('Aa'),
      always: cues.includes('any'),
    };
    found.set(word!, [...(found.get(word!) ?? []), row]);
  }
  return found;
}
