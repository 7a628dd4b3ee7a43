/** One phone of an utterance, or a pause. */
export type PhoneToken = {
  /** An entry of `PHONES`. */
  phone: string;
  /** Whether a spoken word begins here; false in a pause. */
  wordStart: boolean;
  /** Index into the utterance's `words`; -1 in a pause. */
  wordIndex: number;
};

/** A word as it was written, with where it stood. */
export type SpokenWord = {
  /** As written, with its punctuation. */
  text: string;
  /** First UTF-16 unit of it in the text that was given. */
  start: number;
  /** The unit after its last one. */
  end: number;
  /**
   * The words that it is said as: in lower case, single letters to be spelled in capitals; as written
   * where phones were given.
   */
  said: string[];
  /** Where the phones of each of them come from. */
  sources: PhoneSource[];
};

/**
 * Where phones come from: a `user`'s dictionary; CMU's `dictionary`; `rules` (letters, regular forms,
 * words that a sentence does not stress, phones in `[[ ]]`); the `network` for unknown words.
 */
export type PhoneSource = 'user' | 'dictionary' | 'rules' | 'network';

/** A sentence, ready to be spoken. It begins and ends with a pause. */
export type Utterance = {
  phones: PhoneToken[];
  words: SpokenWord[];
};

/** Pronounces words that no dictionary knows, for example a neural network. */
export type PronunciationGuesser = (words: readonly string[]) => Promise<string[][]>;
