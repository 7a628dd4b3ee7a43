import { stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { toSpeechError } from '../../base/errors.js';
import { readDictionary } from '../../tts/text/dictionary-file.js';
import type { Dictionary } from '../../tts/text/dictionary.js';

type File = { path: string; version: string; dictionary: Dictionary };

/** How long what is known of the files holds, in ms. */
const CHECK_INTERVAL_MS = 1000;

/** The server's dictionaries, read anew when their files change. */
export class DictionaryFiles {
  readonly #files: readonly File[];
  readonly #logger: Logger;
  #checkedMs = performance.now();
  #checking: Promise<void> | undefined;

  private constructor(files: readonly File[], logger: Logger) {
    this.#files = files;
    this.#logger = logger;
  }

  /**
   * Reads the files.
   *
   * @param paths - Of two that have a word the later one counts.
   * @param logger - Hears of new versions, also of those that cannot be used.
   * @returns The dictionaries.
   * @throws {SpeechError} What `readDictionary` throws.
   */
  static async load(paths: readonly string[], logger: Logger): Promise<DictionaryFiles> {
    const files: File[] = [];
    for (const path of paths) {
      // the version first: a change in between is then seen at the next look
      const version = await versionOf(path);
      files.push({ path, version, dictionary: await readDictionary(path) });
    }
    return new DictionaryFiles(files, logger);
  }

  /**
   * The dictionaries as the files are now; they are looked at once a second at most. A version that
   * cannot be used is refused with a line in the log, and the one before it stays.
   *
   * @returns The dictionaries, in the order of the paths.
   */
  async current(): Promise<Dictionary[]> {
    if (this.#files.length > 0 && performance.now() - this.#checkedMs >= CHECK_INTERVAL_MS) {
      this.#checking ??= this.#check().finally(() => {
        this.#checking = undefined;
      });
    }
    await this.#checking;
    return this.#files.map(({ dictionary }) => dictionary);
  }

  async #check(): Promise<void> {
    for (const [index, file] of this.#files.entries()) {
      const version = await versionOf(file.path);
      if (version === file.version) {
        continue;
      }
      file.version = version;
      try {
        file.dictionary = await readDictionary(file.path);
        const { size } = file.dictionary;
        this.#logger.info({ dictionary: index, numEntries: size }, 'dictionary read anew');
      } catch (thrown) {
        const { code, details } = toSpeechError(thrown);
        const where = details['where'];
        this.#logger.warn({ dictionary: index, code, where }, 'dictionary refused, old one kept');
      }
    }
    this.#checkedMs = performance.now();
  }
}

/** Changes whenever the file does, as far as can be seen without reading it. */
async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'missing';
  }
}
