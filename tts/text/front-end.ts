import { cleanText } from './clean.js';
import { chooseHomographs, isHomograph } from './homographs.js';
import { Lexicon, type UserDictionary } from './lexicon.js';
import type { Pause } from './phone-set.js';
import { findSentenceEnd } from './segmenter.js';
import { readSentence, type Token } from './tokens.js';
import type { PhoneToken, PronunciationGuesser, SpokenWord, Utterance } from './types.js';

/** How text is turned into phones. */
export type TextFrontEndOptions = {
  /** Pronunciations above CMU's dictionary. */
  dictionary?: UserDictionary;
  /** Pronounces unknown words; without it they are spelled. */
  guess?: PronunciationGuesser;
};

/** A word to be said, with what stands after it. */
type Spoken = {
  word: string;
  wordIndex: number;
  pauseAfter: Pause | undefined;
  phones?: string[];
};

/**
 * Speaks a clean sentence: its text, where each unit came from, the writing between two places, and how
 * much of its first line stands before it.
 */
type SentenceSpeaker = (
  sentence: string,
  origins: readonly number[],
  written: (start: number, end: number) => string,
  column: number,
) => Promise<Utterance | undefined>;

/** UTF-16 units that are cleaned at once; a sentence and what must be seen of the next one are shorter. */
const CLEAN_STEP = 1024;
/** Guesses kept; names recur within a text. */
const MAX_GUESSES = 5000;

/**
 * Turns English text into phones, sentence by sentence.
 *
 * Phones can be written into the text as `[[HH AH0 L OW1]]`; other text in such brackets is text.
 */
export class TextFrontEnd {
  readonly #lexicon: Lexicon;
  readonly #guess: PronunciationGuesser | undefined;
  readonly #guesses = new Map<string, string[]>();

  private constructor(lexicon: Lexicon, guess: PronunciationGuesser | undefined) {
    this.#lexicon = lexicon;
    this.#guess = guess;
  }

  /**
   * Loads the dictionary.
   *
   * @param options - See there.
   * @returns The front end.
   * @throws {SpeechError} `OPTION_INVALID` if `dictionary` names an unknown phone.
   */
  static async load(options: TextFrontEndOptions = {}): Promise<TextFrontEnd> {
    return new TextFrontEnd(await Lexicon.load(options.dictionary), options.guess);
  }

  /**
   * Turns a whole text into utterances.
   *
   * @param text - Any string.
   * @returns Its sentences; none if it has nothing to speak.
   * @throws {SpeechError} `OPTION_INVALID` if a symbol among phones in `[[ ]]` is none.
   */
  async process(text: string): Promise<Utterance[]> {
    const stream = this.stream();
    return [...(await stream.push(text)), ...(await stream.flush())];
  }

  /** @returns A reader of text that arrives in pieces; it answers as `process` does on the whole. */
  stream(): TextStream {
    return new TextStream((...sentence) => this.#speak(...sentence));
  }

  async #speak(
    sentence: string,
    origins: readonly number[],
    written: (start: number, end: number) => string,
    column: number,
  ): Promise<Utterance | undefined> {
    const words: SpokenWord[] = [];
    const spoken: Spoken[] = [];
    for (const token of readSentence(sentence, column)) {
      const before = spoken.at(-1);
      if (token.pauseBefore && before !== undefined) {
        before.pauseAfter ??= 'pau,';
      }
      if (token.words.length === 0) {
        if (token.pauseAfter !== undefined && before !== undefined) {
          before.pauseAfter = token.pauseAfter;
        }
        continue;
      }
      const start = origins[token.start]!;
      const end = (origins[token.end - 1] ?? start) + 1;
      const said = token.words.filter((word) => word !== ',');
      words.push({
        text: written(start, end),
        start,
        end,
        said: token.phones === undefined ? said : [],
      });
      spoken.push(...speakToken(token, words.length - 1));
    }
    if (spoken.length === 0) {
      return undefined;
    }
    const pronounced = await this.#pronounce(spoken, homographsOf(spoken, words));
    const phones: PhoneToken[] = [pause('pau,')];
    for (const [index, { wordIndex, pauseAfter }] of spoken.entries()) {
      phones.push(
        ...pronounced[index]!.map((phone, position) => ({
          phone,
          wordStart: position === 0,
          wordIndex,
        })),
      );
      const isLast = index === spoken.length - 1;
      if (isLast || pauseAfter !== undefined) {
        // a text that just stops is a statement
        phones.push(pause(pauseAfter ?? 'pau.'));
      }
    }
    return { phones, words };
  }

  async #pronounce(
    spoken: readonly Spoken[],
    homographs: ReadonlyMap<number, readonly string[]>,
  ): Promise<string[][]> {
    const guesses = await this.#guessUnknown(
      spoken.filter(({ phones }) => phones === undefined).map(({ word }) => word),
    );
    return spoken.map(({ word, phones, pauseAfter }, index) => {
      const following = pauseAfter === undefined ? spoken[index + 1] : undefined;
      const ahead = following && (following.phones ?? guesses.get(following.word));
      const next = following && { word: following.word, ...(ahead && { phones: ahead }) };
      return phones ?? guesses.get(word) ?? this.#lexicon.find(word, next, homographs.get(index))!;
    });
  }

  /** The pronunciations of those words that the lexicon lacks. */
  async #guessUnknown(words: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
    const unknown = [...new Set(words)].filter((word) => this.#lexicon.find(word) === undefined);
    const asked = unknown.filter((word) => !this.#guesses.has(word));
    const guesses = new Map(unknown.map((word) => [word, this.#guesses.get(word) ?? []]));
    if (asked.length > 0) {
      const guessed = this.#guess === undefined ? [] : await this.#guess(asked);
      if (this.#guesses.size + asked.length > MAX_GUESSES) {
        this.#guesses.clear();
      }
      for (const [index, word] of asked.entries()) {
        const guess = guessed[index];
        const phones = guess === undefined || guess.length === 0 ? this.#spell(word) : guess;
        this.#guesses.set(word, phones);
        guesses.set(word, phones);
      }
    }
    return guesses;
  }

  #spell(word: string): string[] {
    const letters = word.toUpperCase().replace(/[^A-Z]/g, '');
    return Array.from(letters).flatMap((letter) => this.#lexicon.find(letter)!);
  }
}

/** Text that arrives in pieces. A sentence comes out as soon as it is known to be whole. */
export class TextStream {
  readonly #speak: SentenceSpeaker;
  #given = '';
  /** Where `#given` begins in the whole text. */
  #givenStart = 0;
  #clean = '';
  #origins: number[] = [];
  #surrogate = '';
  /** How much of `#given` is in `#clean`. */
  #numCleaned = 0;
  /** How many characters of its first line stand before `#clean`. */
  #column = 0;

  /** @param speak - Turns a clean sentence into an utterance. */
  constructor(speak: SentenceSpeaker) {
    this.#speak = speak;
  }

  /**
   * Takes more text.
   *
   * @param text - Any string; it may be cut anywhere.
   * @returns The sentences that are whole now.
   */
  async push(text: string): Promise<Utterance[]> {
    return await collect(this.read(text));
  }

  /**
   * Takes more text, as `push` does, and gives its sentences one by one: the first one of a long text
   * comes at once. A caller that stops early gets the others from the next call.
   *
   * @param text - Any string; it may be cut anywhere.
   * @returns The sentences that are whole now.
   */
  async *read(text: string): AsyncGenerator<Utterance> {
    const joined = this.#surrogate + text;
    // half a character waits for its other half
    const isCut = /[\ud800-\udbff]$/.test(joined);
    this.#surrogate = isCut ? joined.slice(-1) : '';
    yield* this.#sentences(isCut ? joined.slice(0, -1) : joined, false);
  }

  /**
   * Ends the text. The stream can then be used for another one.
   *
   * @returns The sentences that were still open.
   */
  async flush(): Promise<Utterance[]> {
    const rest = this.#surrogate;
    this.#surrogate = '';
    const utterances = await collect(this.#sentences(rest, true));
    this.#given = '';
    this.#givenStart = 0;
    this.#clean = '';
    this.#origins = [];
    this.#numCleaned = 0;
    this.#column = 0;
    return utterances;
  }

  /** Text is cleaned as far as the next sentence needs it, so that a long one begins at once. */
  async *#sentences(text: string, isLast: boolean): AsyncGenerator<Utterance> {
    this.#given += text;
    for (;;) {
      const isWhole = this.#numCleaned >= this.#given.length;
      const end = findSentenceEnd(this.#clean, 0, isLast && isWhole, this.#column);
      if (end >= 0) {
        const speaking = this.#speakUpTo(end);
        this.#drop(end);
        const utterance = await speaking;
        if (utterance !== undefined) {
          yield utterance;
        }
      } else if (isWhole) {
        return;
      } else {
        this.#cleanMore();
      }
    }
  }

  #cleanMore(): void {
    let end = this.#numCleaned + CLEAN_STEP;
    if (/[\ud800-\udbff]/.test(this.#given[end - 1] ?? '')) {
      end++;
    }
    const piece = this.#given.slice(this.#numCleaned, end);
    const { text, origins } = cleanText(piece, this.#givenStart + this.#numCleaned);
    this.#numCleaned += piece.length;
    this.#clean += text;
    for (const origin of origins) {
      this.#origins.push(origin);
    }
  }

  #speakUpTo(end: number): Promise<Utterance | undefined> {
    const given = this.#given;
    const base = this.#givenStart;
    return this.#speak(
      this.#clean.slice(0, end),
      this.#origins.slice(0, end),
      (from, to) => given.slice(from - base, to - base),
      this.#column,
    );
  }

  #drop(count: number): void {
    if (count === 0) {
      return;
    }
    const keptFrom = this.#origins[count] ?? this.#givenStart + this.#numCleaned;
    const line = this.#clean.lastIndexOf('\n', count - 1);
    this.#column = line < 0 ? this.#column + count : count - line - 1;
    this.#numCleaned -= keptFrom - this.#givenStart;
    this.#clean = this.#clean.slice(count);
    this.#origins = this.#origins.slice(count);
    this.#given = this.#given.slice(keptFrom - this.#givenStart);
    this.#givenStart = keptFrom;
  }
}

function homographsOf(
  spoken: readonly Spoken[],
  words: readonly SpokenWord[],
): ReadonlyMap<number, readonly string[]> {
  // most sentences have none and pay nothing
  if (!spoken.some(({ word }) => isHomograph(word))) {
    return new Map();
  }
  return chooseHomographs(
    spoken.map(({ word, wordIndex, pauseAfter }) => ({
      word,
      isCapital: /^\W*[A-Z][a-z]/.test(words[wordIndex]!.text),
      endsClause: pauseAfter !== undefined,
    })),
  );
}

async function collect(utterances: AsyncIterable<Utterance>): Promise<Utterance[]> {
  const all: Utterance[] = [];
  for await (const utterance of utterances) {
    all.push(utterance);
  }
  return all;
}

/** The words of a token; a pause within it follows the word before. */
function speakToken(token: Token, wordIndex: number): Spoken[] {
  const spoken: Spoken[] = [];
  for (const word of token.words) {
    if (word === ',') {
      spoken.at(-1)!.pauseAfter = 'pau,';
    } else {
      spoken.push({
        word,
        wordIndex,
        pauseAfter: undefined,
        ...(token.phones === undefined ? {} : { phones: token.phones }),
      });
    }
  }
  spoken.at(-1)!.pauseAfter = token.pauseAfter;
  return spoken;
}

function pause(phone: Pause): PhoneToken {
  return { phone, wordStart: false, wordIndex: -1 };
}
