import { SpeechError } from '../../base/errors.js';
import { cleanText } from './clean.js';
import { ipaToPhones } from './ipa.js';
import { normalizeText } from './normalize-text.js';
import type { PartOfSpeech } from './part-of-speech.js';
import { looksLikePhones, parseEntry } from './phone-notation.js';
import { splitWritten } from './written-words.js';

/**
 * Pronunciations by word, each in one of three forms: phones of CMU's dictionary separated by spaces, in
 * any case, with the stress of the vowels (`L IH1 N AH0 T`) or without any (`l ih n ah t`: the first
 * vowel is stressed); IPA between slashes (`/ˈlɪnət/`); or other words (`sequel`).
 */
export type UserDictionary = Readonly<Record<string, string>>;

/** An entry of a dictionary as it was given. */
export type DictionaryEntry = {
  /** What is written: one word or several. */
  word: string;
  /** How it is said; see {@link UserDictionary}. */
  say: string;
  /** Whether capitals and small letters must be as in `word`; false by default. */
  isExact?: boolean;
  /** The entry counts only where the word is this. */
  partOfSpeech?: PartOfSpeech;
  /** For errors, such as `words.tsv, line 3`. */
  where: string;
};

/** How an entry is said: words or phones, separated by spaces. */
export type OwnReading = { isPhones: boolean; said: string };

type CompiledEntry = OwnReading & { exact?: string; partOfSpeech?: PartOfSpeech };

/** A dictionary as plain data, to be sent to another thread. */
export type DictionaryData = {
  /** By the written words in small letters, separated by spaces. */
  entries: Map<string, CompiledEntry[]>;
  /** Words of the longest entry. */
  maxWords: number;
};

/** Most entries of one dictionary. */
export const MAX_ENTRIES = 100_000;
const MAX_LENGTH = 200;
const MAX_WORDS = 10;

/** Pronunciations that a user gave. It never changes. */
export class Dictionary {
  /** What {@link Dictionary.fromData} takes. */
  readonly data: DictionaryData;

  private constructor(data: DictionaryData) {
    this.data = data;
  }

  /**
   * Reads entries; of two for the same word the later one counts.
   *
   * @param entries - At most 100,000; words and pronunciations have at most 200 characters, words at
   * most 10 parts.
   * @returns The dictionary.
   * @throws {SpeechError} `OPTION_INVALID`, which says where the bad entry stands and names its symbol.
   */
  static fromEntries(entries: readonly DictionaryEntry[]): Dictionary {
    if (entries.length > MAX_ENTRIES) {
      throw new SpeechError(
        'OPTION_INVALID',
        `dictionary has ${entries.length} entries; at most ${MAX_ENTRIES} are accepted.`,
        { numEntries: entries.length },
      );
    }
    const data: DictionaryData = { entries: new Map(), maxWords: 0 };
    for (const entry of entries) {
      addEntry(data, entry);
    }
    return new Dictionary(data);
  }

  /**
   * Reads a plain object; see {@link Dictionary.fromEntries}.
   *
   * @param record - Pronunciations by word.
   * @returns The dictionary. Its errors count the entries from 1, in the object's order.
   * @throws {SpeechError} `OPTION_INVALID`.
   */
  static fromRecord(record: UserDictionary): Dictionary {
    return Dictionary.fromEntries(
      Object.entries(record).map(([word, say], index) => {
        const where = `dictionary, entry ${index + 1}`;
        if (typeof (say as unknown) !== 'string') {
          throw invalid(where, `its pronunciation is of type ${typeof say}; it must be a string`);
        }
        return { word, say, where };
      }),
    );
  }

  /** @param data - Of a dictionary, perhaps from another thread. @returns The same dictionary. */
  static fromData(data: DictionaryData): Dictionary {
    return new Dictionary(data);
  }

  /** Entries. */
  get size(): number {
    let size = 0;
    for (const { length } of this.data.entries.values()) {
      size += length;
    }
    return size;
  }

  /** Words of the longest entry; 0 without any. */
  get maxWords(): number {
    return this.data.maxWords;
  }

  /**
   * Looks up what is written. An entry for this very case counts before one for any, and an entry for
   * a part of speech before one for all.
   *
   * @param written - Words separated by spaces, as written.
   * @param key - The same in small letters.
   * @param partOfSpeech - Tells what the word is; asked only where an entry depends on it,
   * with what the entries tell apart.
   * @returns How it is said; undefined if there is no entry.
   */
  find(
    written: string,
    key: string,
    partOfSpeech: (among: readonly PartOfSpeech[]) => PartOfSpeech | undefined,
  ): OwnReading | undefined {
    let best: CompiledEntry | undefined;
    let bestRank = -1;
    const entries = this.data.entries.get(key) ?? [];
    const parts = entries.flatMap((entry) => entry.partOfSpeech ?? []);
    const part = parts.length === 0 ? undefined : partOfSpeech(parts);
    for (const entry of entries) {
      const { exact, partOfSpeech: wanted } = entry;
      const fits =
        (exact === undefined || exact === written) && (wanted === undefined || wanted === part);
      const rank = (exact === undefined ? 0 : 2) + (wanted === undefined ? 0 : 1);
      if (fits && rank > bestRank) {
        best = entry;
        bestRank = rank;
      }
    }
    return best;
  }
}

function addEntry(data: DictionaryData, entry: DictionaryEntry): void {
  const { word, say, where, isExact = false, partOfSpeech } = entry;
  if (word.length > MAX_LENGTH || say.length > MAX_LENGTH) {
    throw invalid(where, `a word or pronunciation is longer than ${MAX_LENGTH} characters`);
  }
  const written = splitWord(word);
  if (written.length === 0) {
    throw invalid(where, 'its word holds nothing that is read; it must hold letters or digits');
  }
  if (written.length > MAX_WORDS) {
    throw invalid(where, `its word has ${written.length} parts; at most ${MAX_WORDS} are accepted`);
  }
  const exact = written.join(' ');
  const compiled: CompiledEntry = {
    ...readPronunciation(say, where),
    ...(isExact ? { exact } : {}),
    ...(partOfSpeech === undefined ? {} : { partOfSpeech }),
  };
  const key = exact.toLowerCase();
  const others = (data.entries.get(key) ?? []).filter(
    (other) => other.exact !== compiled.exact || other.partOfSpeech !== compiled.partOfSpeech,
  );
  data.entries.set(key, [...others, compiled]);
  data.maxWords = Math.max(data.maxWords, written.length);
}

/** Cuts a word as a text is cut, so that it is found there. */
function splitWord(word: string): string[] {
  // most words are plain, and there may be very many
  if (/^[A-Za-z]+$/.test(word)) {
    return [word];
  }
  return splitWritten(cleanText(word).text).map(({ text }) => text);
}

function readPronunciation(given: string, where: string): OwnReading {
  const say = given.trim();
  if (say === '') {
    throw invalid(where, 'its pronunciation is empty');
  }
  if (/^\/.*\/$/su.test(say)) {
    return { isPhones: true, said: located(where, () => ipaToPhones(say)).join(' ') };
  }
  if (looksLikePhones(say)) {
    return { isPhones: true, said: parseEntry(where, say).join(' ') };
  }
  const words = normalizeText(say);
  if (words.length === 0) {
    throw invalid(where, 'its pronunciation holds nothing that is read');
  }
  return { isPhones: false, said: words.join(' ') };
}

/** Says in an error where the entry stands. */
function located<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof SpeechError
      ? new SpeechError(error.code, `${where}: ${error.message}`, error.details)
      : error;
  }
}

function invalid(where: string, problem: string): SpeechError {
  return new SpeechError('OPTION_INVALID', `${where}: ${problem}.`, { where });
}
