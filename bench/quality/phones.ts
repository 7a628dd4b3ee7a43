import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Runtime } from '../../kernels/index.js';
import { Pronouncer, TextFrontEnd } from '../../tts/text/index.js';

/** A text as it is spoken. */
export type SpokenText = {
  /** Phones and pauses in order, `+` before the first phone of each word that is said. */
  phones: string[];
  /** Words as they were written, in order, with the indexes of their first and last phone. */
  words: { text: string; first: number; last: number }[];
};

const VOWEL = /^(?:a[aehowxy]|e[hry]|i[hy]|o[wy]|u[hw])[012]?$/;

/** The phones of texts, from the front end that the voices use too. */
export class PhoneReader {
  private constructor(
    readonly frontEnd: TextFrontEnd,
    readonly pronouncer: Pronouncer | undefined,
  ) {}

  /**
   * Loads the front end on the CPU.
   *
   * @param model - Folder of the models; without `g2p/` in it unknown words are spelled.
   * @throws {SpeechError} `MODEL_INVALID`.
   */
  static async load(model: string): Promise<PhoneReader> {
    const folder = join(model, 'g2p');
    const pronouncer = existsSync(folder)
      ? await Pronouncer.load(await Runtime.create({ device: 'cpu' }), folder)
      : undefined;
    const frontEnd = await TextFrontEnd.load(
      pronouncer === undefined ? {} : { guess: (words) => pronouncer.guess(words) },
    );
    return new PhoneReader(frontEnd, pronouncer);
  }

  /**
   * Reads a text.
   *
   * @param text - Any text.
   * @returns Phones and pauses in order, `+` before the first phone of each word.
   */
  async read(text: string): Promise<string[]> {
    return (await this.readWords(text)).phones;
  }

  /**
   * Reads a text and tells which phones are those of each word.
   *
   * @param text - Any text; words of which nothing is said have no place in the answer.
   */
  async readWords(text: string): Promise<SpokenText> {
    const spoken: SpokenText = { phones: [], words: [] };
    for (const { phones, words } of await this.frontEnd.process(text)) {
      let current = -1;
      for (const { phone, wordStart, wordIndex } of phones) {
        const index = spoken.phones.push(wordStart ? `+${phone}` : phone) - 1;
        if (wordIndex >= 0 && wordIndex !== current) {
          current = wordIndex;
          spoken.words.push({ text: words[wordIndex]!.text, first: index, last: index });
        } else if (wordIndex >= 0) {
          spoken.words.at(-1)!.last = index;
        }
      }
    }
    return spoken;
  }

  /** Frees the network. */
  async close(): Promise<void> {
    await this.pronouncer?.close();
  }
}

/** @param phones - As of {@link PhoneReader.read}. @returns How many vowels, thus syllables. */
export function countSyllables(phones: readonly string[]): number {
  return phones.filter((phone) => VOWEL.test(phone.replace('+', ''))).length;
}
