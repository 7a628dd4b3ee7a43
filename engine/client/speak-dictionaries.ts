import { SpeechError } from '../../base/errors.js';
import type { EngineCommand } from '../protocol.js';
// not from the folder's index, which would bring the runtime of the networks into this thread
import { Dictionary, type UserDictionary } from '../../tts/text/dictionary.js';
import type { SpeakOptions } from '../../tts/types.js';

/** Most dictionaries of one text. */
const MAX_DICTIONARIES = 8;
/** Most words of a dictionary that comes as an object. */
const MAX_OBJECT_ENTRIES = 1000;
/** Dictionaries that a worker keeps, at least as many as one text may have. */
const MAX_KEPT = 16;

/**
 * Checks the dictionaries of a text.
 *
 * @param given - `SpeakOptions.dictionary`.
 * @returns The dictionaries, in order.
 * @throws {SpeechError} `OPTION_INVALID` if there are too many, or one cannot be understood.
 */
export function readSpeakDictionaries(given: SpeakOptions['dictionary']): Dictionary[] {
  const list = given === undefined ? [] : isList(given) ? given : [given];
  if (list.length > MAX_DICTIONARIES) {
    throw new SpeechError(
      'OPTION_INVALID',
      `dictionary is a list of ${list.length}; at most ${MAX_DICTIONARIES} are accepted.`,
    );
  }
  return list.map(readSpeakDictionary);
}

/**
 * Checks a dictionary that comes with a text.
 *
 * @param given - A dictionary, or at most 1,000 pronunciations by word.
 * @returns The dictionary.
 * @throws {SpeechError} `OPTION_INVALID`.
 */
export function readSpeakDictionary(given: UserDictionary | Dictionary): Dictionary {
  if (given instanceof Dictionary) {
    return given;
  }
  const value: unknown = given;
  if (typeof value !== 'object' || value === null) {
    throw new SpeechError(
      'OPTION_INVALID',
      `dictionary is of type ${value === null ? 'null' : typeof value}; it must be an object of words and pronunciations.`,
    );
  }
  const numEntries = Object.keys(value).length;
  if (numEntries > MAX_OBJECT_ENTRIES) {
    throw new SpeechError(
      'OPTION_INVALID',
      `dictionary has ${numEntries} words; at most ${MAX_OBJECT_ENTRIES} are accepted.`,
      { numEntries },
    );
  }
  return Dictionary.fromRecord(given);
}

function isList(
  given: NonNullable<SpeakOptions['dictionary']>,
): given is readonly (UserDictionary | Dictionary)[] {
  return Array.isArray(given);
}

/** Sends dictionaries to a worker, each once while it is in use: one of a file may be large. */
export class DictionarySender {
  readonly #send: (command: EngineCommand) => void;
  /** Numbers of those that the worker has, the one that was not used for longest first. */
  readonly #sent = new Map<Dictionary, number>();
  #nextNumber = 1;

  /** @param send - Sends a command to the worker; commands keep their order. */
  constructor(send: (command: EngineCommand) => void) {
    this.#send = send;
  }

  /**
   * Sees to it that the worker has dictionaries. They may be gone after the next call, so the command
   * that names them must be sent before it.
   *
   * @param dictionaries - At most 8.
   * @returns Their numbers.
   */
  send(dictionaries: readonly Dictionary[]): number[] {
    return dictionaries.map((dictionary) => {
      const number = this.#sent.get(dictionary) ?? this.#sendNew(dictionary);
      this.#sent.delete(dictionary);
      this.#sent.set(dictionary, number);
      return number;
    });
  }

  #sendNew(dictionary: Dictionary): number {
    const [oldest] = this.#sent;
    if (oldest !== undefined && this.#sent.size >= MAX_KEPT) {
      this.#sent.delete(oldest[0]);
      this.#send({ type: 'forgetDictionary', dictionary: oldest[1] });
    }
    const number = this.#nextNumber++;
    this.#send({ type: 'dictionary', dictionary: number, data: dictionary.data });
    return number;
  }
}
