import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { resample } from '../../src/audio/resampler.js';
import { mapLimited, runTool, writeWav } from './tools.js';
import { plainWords, wordErrors } from './word-error-rate.js';

/** How well a recogniser understands some speech. */
export type WordErrorRate = {
  /** Errors over words of the text; above 1 if more is heard than was said. */
  rate: number;
  errors: number;
  words: number;
};

const PROGRAM = 'pocketsphinx_continuous';
const HINT = 'apt-get install pocketsphinx pocketsphinx-en-us';
const RECOGNISER_RATE = 16_000;

/** Makes the samples of a sentence; `sampleRate` is in Hz. */
export type Speaker = (
  sentence: string,
  index: number,
) => Promise<{ samples: Float32Array; sampleRate: number }>;

/**
 * Lets pocketsphinx, with the models of its Debian package, write down sentences that are spoken.
 *
 * @param sentences - What is said, without digits.
 * @param speak - Says it; called for one sentence at a time.
 * @param folder - For temporary files.
 * @throws {ToolMissing} Without the recogniser; what `speak` throws.
 */
export async function recognise(
  sentences: readonly string[],
  speak: Speaker,
  folder: string,
): Promise<WordErrorRate> {
  const paths: string[] = [];
  for (const [index, sentence] of sentences.entries()) {
    const { samples, sampleRate } = await speak(sentence, index);
    const path = join(folder, `recognise-${index}.wav`);
    await writeWav(path, resample(samples, sampleRate, RECOGNISER_RATE), RECOGNISER_RATE);
    paths.push(path);
  }
  const errors = await mapLimited(paths, availableParallelism(), async (path, index) => {
    const heard = await runTool(PROGRAM, ['-infile', path, '-logfn', '/dev/null'], HINT);
    await rm(path);
    return wordErrors(plainWords(sentences[index]!), plainWords(heard));
  });
  const numErrors = errors.reduce((sum, count) => sum + count, 0);
  const numWords = sentences.reduce((sum, sentence) => sum + plainWords(sentence).length, 0);
  return { rate: numErrors / numWords, errors: numErrors, words: numWords };
}
