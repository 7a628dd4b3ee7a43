import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Runtime } from '../../kernels/index.js';
import { Pronouncer, TextFrontEnd } from '../../tts/text/index.js';

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
    const utterances = await this.frontEnd.process(text);
    return utterances.flatMap(({ phones }) =>
      phones.map(({ phone, wordStart }) => (wordStart ? `+${phone}` : phone)),
    );
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
