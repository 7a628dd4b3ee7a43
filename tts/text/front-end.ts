import { Dictionary, type UserDictionary } from './dictionary.js';
import { chooseHomographs, isHomograph } from './homographs.js';
import { Lexicon } from './lexicon.js';
import { OwnWords } from './own-words.js';
import type { Pause } from './phone-set.js';
import { speakToken, type Spoken } from './spoken.js';
import { TextStream, type SentenceSpeaker } from './text-stream.js';
import { readSentence } from './tokens.js';
import type {
  PhoneSource,
  PhoneToken,
  PronunciationGuesser,
  SpokenWord,
  Utterance,
} from './types.js';

/** How text is turned into phones. */
export type TextFrontEndOptions = {
  /** Pronunciations above CMU's dictionary, for every text. */
  dictionary?: UserDictionary;
  /** Pronounces unknown words; without it they are spelled. */
  guess?: PronunciationGuesser;
};

type Pronounced = { phones: readonly string[]; source: PhoneSource };

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
  readonly #dictionaries: readonly Dictionary[];
  /** Of the network alone, so that no user's dictionary has a part in them. */
  readonly #guesses = new Map<string, string[]>();

  private constructor(lexicon: Lexicon, { dictionary, guess }: TextFrontEndOptions) {
    this.#lexicon = lexicon;
    this.#guess = guess;
    this.#dictionaries = dictionary === undefined ? [] : [Dictionary.fromRecord(dictionary)];
  }

  /**
   * Loads CMU's dictionary.
   *
   * @param options - See there.
   * @returns The front end.
   * @throws {SpeechError} `OPTION_INVALID` if `dictionary` names an unknown phone.
   */
  static async load(options: TextFrontEndOptions = {}): Promise<TextFrontEnd> {
    return new TextFrontEnd(await Lexicon.load(), options);
  }

  /**
   * Turns a whole text into utterances.
   *
   * @param text - Any string.
   * @param dictionaries - See {@link TextFrontEnd.stream}.
   * @returns Its sentences; none if it has nothing to speak.
   * @throws {SpeechError} `OPTION_INVALID` if a symbol among phones in `[[ ]]` is none.
   */
  async process(text: string, dictionaries: readonly Dictionary[] = []): Promise<Utterance[]> {
    const stream = this.stream(dictionaries);
    return [...(await stream.push(text)), ...(await stream.flush())];
  }

  /**
   * Begins a text that arrives in pieces.
   *
   * @param dictionaries - Pronunciations for this text only; later ones count before earlier ones, and
   * all of them before the front end's own.
   * @returns A reader of the text; it answers as `process` does on the whole.
   */
  stream(dictionaries: readonly Dictionary[] = []): TextStream {
    const own = new OwnWords([...this.#dictionaries, ...dictionaries]);
    return new TextStream((...sentence) => this.#speak(own, ...sentence));
  }

  async #speak(
    own: OwnWords,
    ...[sentence, origins, written, column]: Parameters<SentenceSpeaker>
  ): Promise<Utterance | undefined> {
    const words: SpokenWord[] = [];
    const spoken: Spoken[] = [];
    for (const token of readSentence(sentence, { column, own })) {
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
      words.push({ text: written(start, end), start, end, said: [], sources: [] });
      spoken.push(...speakToken(token, words.length - 1, own));
    }
    if (spoken.length === 0) {
      return undefined;
    }
    return toUtterance(spoken, words, await this.#pronounce(spoken, homographsOf(spoken, words)));
  }

  async #pronounce(
    spoken: readonly Spoken[],
    homographs: ReadonlyMap<number, readonly string[]>,
  ): Promise<Pronounced[]> {
    const guesses = await this.#guessUnknown(
      spoken.filter(({ phones }) => phones === undefined).map(({ word }) => word),
    );
    return spoken.map(({ word, phones, pauseAfter, isOwn }, index) => {
      const following = pauseAfter === undefined ? spoken[index + 1] : undefined;
      const ahead = following && (following.phones ?? guesses.get(following.word));
      const next = following && { word: following.word, ...(ahead && { phones: ahead }) };
      const found =
        phones ?? guesses.get(word) ?? this.#lexicon.find(word, next, homographs.get(index))!;
      const source = isOwn ? 'user' : phones === undefined ? this.#sourceOf(word, found) : 'rules';
      return { phones: found, source };
    });
  }

  #sourceOf(word: string, phones: readonly string[]): PhoneSource {
    if (this.#lexicon.hasEntry(word, phones)) {
      return 'dictionary';
    }
    const isGuessed = this.#guess !== undefined && this.#guesses.get(word) === phones;
    return isGuessed ? 'network' : 'rules';
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

function toUtterance(
  spoken: readonly Spoken[],
  words: SpokenWord[],
  pronounced: readonly Pronounced[],
): Utterance {
  const phones: PhoneToken[] = [pause('pau,')];
  for (const [index, { word, wordIndex, pauseAfter, isOwn, phones: given }] of spoken.entries()) {
    const said = pronounced[index]!;
    const spokenWord = words[wordIndex]!;
    const isInline = given !== undefined && !isOwn;
    spokenWord.said.push(isInline ? spokenWord.text : word);
    spokenWord.sources.push(said.source);
    for (const [position, phone] of said.phones.entries()) {
      phones.push({ phone, wordStart: position === 0, wordIndex });
    }
    const isLast = index === spoken.length - 1;
    if (isLast || pauseAfter !== undefined) {
      // a text that just stops is a statement
      phones.push(pause(pauseAfter ?? 'pau.'));
    }
  }
  return { phones, words };
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
    spoken.map(({ word, wordIndex, pauseAfter, phones }) => ({
      // a word with its own phones stands here as it is written
      word: phones === undefined ? word : word.toLowerCase(),
      isCapital: /^\W*[A-Z][a-z]/.test(words[wordIndex]!.text),
      endsClause: pauseAfter !== undefined,
    })),
  );
}

function pause(phone: Pause): PhoneToken {
  return { phone, wordStart: false, wordIndex: -1 };
}
