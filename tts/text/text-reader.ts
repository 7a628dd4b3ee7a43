import { findModels } from '../../base/package-root.js';
import { Runtime } from '../../kernels/index.js';
import type { Dictionary, PhoneSource, Utterance } from './index.js';
import { loadFrontEnd } from './load-front-end.js';

/** A word as it was written, and what is said for it. */
export type ReadWord = {
  text: string;
  /** First UTF-16 unit of it in the text, and the unit after its last one. */
  start: number;
  end: number;
  /** `phones` as they can be written in a dictionary. */
  said: { word: string; phones: string; source: PhoneSource }[];
};

/** Reads texts without speaking them. */
export type TextReader = {
  /** @param text - Any string. @param dictionaries - Later ones count before earlier ones. */
  read(text: string, dictionaries?: readonly Dictionary[]): Promise<ReadWord[]>;
  /** Frees the network for unknown words. */
  close(): Promise<void>;
};

/**
 * Loads what turns text into phones, in this thread; it needs no engine.
 *
 * @param modelPath - Folder that holds `g2p/`; without that, unknown words are spelled.
 * @returns The reader; close it in the end.
 * @throws {SpeechError} `MODEL_INVALID`.
 */
export async function loadTextReader(modelPath = findModels()): Promise<TextReader> {
  const runtime = await Runtime.create({ device: 'cpu', threads: 1, precision: 'float32' });
  const { text: frontEnd, pronouncer } = await loadFrontEnd(runtime, modelPath);
  return {
    read: async (text, dictionaries = []) =>
      (await frontEnd.process(text, dictionaries)).flatMap(toReadWords),
    close: async () => {
      await pronouncer?.close();
      await runtime.close();
    },
  };
}

function toReadWords({ words, phones }: Utterance): ReadWord[] {
  const groups: string[][][] = words.map(() => []);
  for (const { phone, wordStart, wordIndex } of phones) {
    if (wordStart) {
      groups[wordIndex]!.push([]);
    }
    groups[wordIndex]?.at(-1)!.push(phone.toUpperCase());
  }
  return words.map(({ text, start, end, said, sources }, index) => ({
    text,
    start,
    end,
    said: said.map((word, place) => ({
      word,
      phones: groups[index]![place]!.join(' '),
      source: sources[place]!,
    })),
  }));
}
