import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { Dictionary, type DictionaryEntry } from './dictionary.js';
import { PARTS_OF_SPEECH } from './part-of-speech.js';
import { isPls, parsePls } from './pls.js';

const MAX_BYTES = 10_000_000;

/**
 * Reads a user's dictionary; docs/dictionaries.md describes the two formats.
 *
 * @param path - Lines of `word<TAB>phones or other words`, or the W3C's Pronunciation Lexicon
 * Specification; the content tells which. UTF-8, at most 10 MB and 100,000 entries.
 * @returns The dictionary.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`; `OPTION_INVALID` if it cannot be
 * understood, with the file's name and the line.
 */
export async function readDictionary(path: string): Promise<Dictionary> {
  return parseDictionary(await readText(path), basename(path));
}

/**
 * Reads a dictionary from a string; see {@link readDictionary}.
 *
 * @param text - The content of a file.
 * @param name - The file's name, for errors.
 * @returns The dictionary.
 * @throws {SpeechError} `OPTION_INVALID`.
 */
export function parseDictionary(text: string, name: string): Dictionary {
  return Dictionary.fromEntries(isPls(text) ? parsePls(text, name) : parseLines(text, name));
}

function parseLines(text: string, name: string): DictionaryEntry[] {
  const entries: DictionaryEntry[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() !== '' && !line.startsWith('#')) {
      entries.push(parseLine(line, `${name}, line ${index + 1}`));
    }
  }
  return entries;
}

function parseLine(line: string, where: string): DictionaryEntry {
  const [word = '', say = '', ...rest] = line.split('\t').map((cell) => cell.trim());
  if (!line.includes('\t') || word === '' || say === '') {
    throw invalid(where, 'it must be a word, a tab, and its pronunciation');
  }
  const entry: DictionaryEntry = { word, say, where };
  for (const cell of rest.filter((text) => text !== '')) {
    const name = cell.toLowerCase();
    const partOfSpeech = PARTS_OF_SPEECH.find((part) => part === name);
    if (name === 'exact') {
      entry.isExact = true;
    } else if (partOfSpeech !== undefined) {
      entry.partOfSpeech = partOfSpeech;
    } else {
      throw invalid(
        where,
        `after the pronunciation only exact and one of ${PARTS_OF_SPEECH.join(', ')} may stand, each behind a tab`,
      );
    }
  }
  return entry;
}

async function readText(path: string): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    throw toSpeechError(error);
  });
  try {
    const { size } = await file.stat();
    if (size > MAX_BYTES) {
      throw invalid(basename(path), `it has ${size} bytes; at most ${MAX_BYTES} are accepted`);
    }
    return decode(await file.readFile(), basename(path));
  } catch (error) {
    throw toSpeechError(error);
  } finally {
    await file.close();
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(name, 'it is not UTF-8 text');
  }
}

function invalid(where: string, problem: string): SpeechError {
  return new SpeechError('OPTION_INVALID', `${where}: ${problem}.`, { where });
}
