import type { Command } from 'commander';
import type { Dictionary } from '../../tts/text/dictionary.js';

/**
 * Adds `--dictionary`, which may be given several times.
 *
 * @param command - The command, which is returned.
 * @returns The command.
 */
export function addDictionaryOption(command: Command): Command {
  return command.option(
    '--dictionary <file>',
    'pronunciations, see docs/dictionaries.md; several may be given, later ones win',
    (path: string, paths: string[] | undefined) => [...(paths ?? []), path],
  );
}

/**
 * Reads the files of `--dictionary`.
 *
 * @param paths - As given.
 * @returns The dictionaries in the same order.
 * @throws {SpeechError} What `readDictionary` throws.
 */
export async function readDictionaries(paths: readonly string[] = []): Promise<Dictionary[]> {
  if (paths.length === 0) {
    return [];
  }
  // imported here, since most calls have none
  const { readDictionary } = await import('../../tts/text/dictionary-file.js');
  return Promise.all(paths.map((path) => readDictionary(path)));
}
