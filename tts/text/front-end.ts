import { cleanText } from './clean.js';
import { chooseHomographs, isHomograph } from './homographs.js';
import { Lexicon, type UserDictionary } from './lexicon.js';
import { readToken } from './normalizer.js';
import type { Pause } from './phone-set.js';
import { findSentenceEnd } from './segmenter.js';
import { splitTokens } from './tokens.js';
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

/** Speaks a clean sentence: its text, where each unit came from, and the writing between two places. */
type SentenceSpeaker = (
  sentence: string,
  origins: readonly number[],
  written: (start: number, end: number) => string,
) => Promise<Utterance | undefined>;

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
    return new TextStream((text, origins, given) => this.#speak(text, origins, given));
  }

  async #speak(
    sentence: string,
    origins: readonly number[],
    written: (start: number, end: number) => string,
  ): Promise<Utterance | undefined> {
    const tokens = splitTokens(sentence);
    const texts = tokens.map(({ text }) => text);
    const words: SpokenWord[] = [];
    const spoken: Spoken[] = [];
    for (let index = 0; index < tokens.length;) {
      const token = tokens[index]!;
      const reading =
        token.phones === undefined
          ? readToken(texts, index)
          : { words: [token.text], numTokens: 1 };
      const lastToken = tokens[index + reading.numTokens - 1]!;
      const before = spoken.at(-1);
      if (token.pauseBefore && before !== undefined) {
        before.pauseAfter ??= 'pau,';
      }
      if (reading.words.length > 0) {
        const start = origins[token.start]!;
        const end = (origins[lastToken.end - 1] ?? start) + 1;
        words.push({ text: written(start, end), start, end });
        for (const [offset, word] of reading.words.entries()) {
          const isLast = offset === reading.words.length - 1;
          spoken.push({
            word,
            wordIndex: words.length - 1,
            pauseAfter: isLast ? lastToken.pauseAfter : undefined,
            ...(token.phones === undefined ? {} : { phones: token.phones }),
          });
        }
      } else if (lastToken.pauseAfter !== undefined && before !== undefined) {
        before.pauseAfter = lastToken.pauseAfter;
      }
      index += reading.numTokens;
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
    const joined = this.#surrogate + text;
    // half a character waits for its other half
    const isCut = /[\ud800-\udbff]$/.test(joined);
    this.#surrogate = isCut ? joined.slice(-1) : '';
    return await this.#take(isCut ? joined.slice(0, -1) : joined, false);
  }

  /**
   * Ends the text. The stream can then be used for another one.
   *
   * @returns The sentences that were still open.
   */
  async flush(): Promise<Utterance[]> {
    const rest = this.#surrogate;
    this.#surrogate = '';
    const utterances = await this.#take(rest, true);
    this.#given = '';
    this.#givenStart = 0;
    this.#clean = '';
    this.#origins = [];
    return utterances;
  }

  async #take(text: string, isLast: boolean): Promise<Utterance[]> {
    const { text: clean, origins } = cleanText(text, this.#givenStart + this.#given.length);
    this.#given += text;
    this.#clean += clean;
    this.#origins = this.#origins.concat(origins);
    const utterances: Utterance[] = [];
    let start = 0;
    for (;;) {
      const end = findSentenceEnd(this.#clean, start, isLast);
      if (end < 0) {
        break;
      }
      const given = this.#given;
      const base = this.#givenStart;
      const written = (from: number, to: number): string => given.slice(from - base, to - base);
      const utterance = await this.#speak(
        this.#clean.slice(start, end),
        this.#origins.slice(start, end),
        written,
      );
      if (utterance !== undefined) {
        utterances.push(utterance);
      }
      start = end;
    }
    this.#drop(start);
    return utterances;
  }

  #drop(count: number): void {
    if (count === 0) {
      return;
    }
    const keptFrom = this.#origins[count] ?? this.#givenStart + this.#given.length;
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

function pause(phone: Pause): PhoneToken {
  return { phone, wordStart: false, wordIndex: -1 };
}
