import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { SpeechError } from '../../base/errors.js';
import { decodeLnt } from '../../codecs/lnt/decode-lnt.js';
import type { LntHeader } from '../../codecs/lnt/lnt-header.js';
import { findCodeTables } from '../files/code-tables.js';
import { openAudio } from '../audio/read-audio.js';
import type { EngineArguments } from './arguments.js';
import type { CommandEngine, LoadEngine } from './load-engine.js';

/** How every `.lnt` file begins, before the number of its version. */
const LNT_MAGIC = 'LNT';

/** Reads audio and token files alike. The engine is loaded for the first token file. */
export class SoundReader {
  readonly #loadEngine: LoadEngine;
  readonly #options: EngineArguments;
  readonly #signal: AbortSignal;
  #engine: CommandEngine | undefined;

  /**
   * @param loadEngine - Loads what lends the codecs.
   * @param options - Options of the engine.
   * @param signal - Ends all reading.
   */
  constructor(loadEngine: LoadEngine, options: EngineArguments, signal: AbortSignal) {
    this.#loadEngine = loadEngine;
    this.#options = options;
    this.#signal = signal;
  }

  /**
   * Reads a file.
   *
   * @param path - A token file, known by its beginning or its name, or anything that `openAudio` reads.
   * @param onWarning - Gets a sentence about what is odd, such as damage to a token file.
   * @yields Mono samples at 24 kHz; at least one in all.
   * @throws {SpeechError} As `openAudio`, `decodeLnt` and the loading of the engine.
   */
  async *open(
    path: string,
    onWarning: (warning: string) => void,
  ): AsyncGenerator<Float32Array, void, undefined> {
    const signal = this.#signal;
    if (!(await isTokenFile(path))) {
      yield* openAudio(path, { signal, onWarning });
      return;
    }
    const findCodec = async ({ codec }: LntHeader) => {
      this.#engine ??= await this.#loadEngine({ ...this.#options, warmUp: false, signal });
      return this.#engine.loadCodec(codec);
    };
    for await (const piece of decodeLnt(findCodec, createReadStream(path), {
      onWarning,
      findTables: findCodeTables,
    })) {
      if (signal.aborted) {
        throw new SpeechError('CANCELLED', 'Decoding the tokens was cancelled.');
      }
      yield piece;
    }
  }

  /** Closes the engine, if there is one. */
  async close(): Promise<void> {
    await this.#engine?.close();
  }
}

/** What is wrong with a file is left to its reader to say. */
async function isTokenFile(path: string): Promise<boolean> {
  if (path.toLowerCase().endsWith('.lnt')) {
    return true;
  }
  const handle = await open(path).catch(() => undefined);
  try {
    // a pipe can be read only once
    if (handle === undefined || !(await handle.stat()).isFile()) {
      return false;
    }
    const { buffer } = await handle.read(Buffer.alloc(LNT_MAGIC.length), 0, LNT_MAGIC.length, 0);
    return buffer.toString('latin1') === LNT_MAGIC;
  } finally {
    await handle?.close();
  }
}
