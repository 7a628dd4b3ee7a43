import type { SpeechChunk, WordTime } from '../../tts/types.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import { OutputFile } from '../files/output-file.js';
import { formatWords, type WordFormat } from '../files/subtitles.js';

/** The times of the words of one speech, written beside its audio. */
export class WordFile {
  readonly #file: OutputFile;
  readonly #format: WordFormat;
  readonly #words: WordTime[] = [];
  #numSamples = 0;

  private constructor(file: OutputFile, format: WordFormat) {
    this.#file = file;
    this.#format = format;
  }

  /**
   * Opens the file.
   *
   * @param path - Where it shall be; it appears there with {@link commit}.
   * @param format - What it is written in.
   * @returns The file.
   * @throws {SpeechError} `FILE_WRITE_FAILED`.
   */
  static async create(path: string, format: WordFormat): Promise<WordFile> {
    return new WordFile(await OutputFile.create(path), format);
  }

  /**
   * Passes speech through and remembers its words. They are on the disk before the last chunk is
   * passed on, so that a full disk leaves no audio either.
   *
   * @param chunks - Speech as the engine makes it.
   * @returns The same chunks.
   * @throws {SpeechError} What the chunks throw; `FILE_WRITE_FAILED`.
   */
  async *follow(chunks: AsyncIterable<SpeechChunk>): AsyncGenerator<SpeechChunk, void, undefined> {
    for await (const chunk of chunks) {
      this.#words.push(...chunk.words);
      this.#numSamples += chunk.samples.length;
      yield chunk;
    }
    const durationSeconds = this.#numSamples / SPEECH_SAMPLE_RATE;
    await this.#file.append(
      Buffer.from(formatWords(this.#words, this.#format, durationSeconds), 'utf8'),
    );
  }

  /** Puts the file into its place. @throws {SpeechError} `FILE_WRITE_FAILED`. */
  async commit(): Promise<void> {
    await this.#file.commit();
  }

  /** Throws the file away; does nothing after {@link commit}. Never fails. */
  async discard(): Promise<void> {
    await this.#file.discard();
  }
}
