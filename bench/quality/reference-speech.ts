import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWav, type MonoAudio } from '../../src/audio/wav-reader.js';
import { runTool, ToolMissing } from './tools.js';

/** A voice of another synthesizer. */
export type ReferenceVoice = { program: 'festival' | 'flite'; voice: string };

const HINTS = {
  festival: 'apt-get install festival festvox-us-slt-hts',
  flite: 'apt-get install flite',
} as const;

/** The synthesizers' voices that taught the voices of the model, by the ids of the latter. */
export const TEACHERS: Readonly<Record<string, ReferenceVoice>> = {
  slt: { program: 'festival', voice: 'cmu_us_slt_arctic_hts' },
  rms: { program: 'flite', voice: 'rms' },
  awb: { program: 'flite', voice: 'awb' },
  kal: { program: 'flite', voice: 'kal16' },
  'slt-flite': { program: 'flite', voice: 'slt' },
};

/**
 * Speaks sentences with another synthesizer.
 *
 * @param reference - Its voice.
 * @param sentences - Without double quotes and backslashes.
 * @param folder - For temporary files.
 * @returns Their audio, at the synthesizer's own rate.
 * @throws {ToolMissing} Without the synthesizer or its voice.
 */
export async function speakReference(
  reference: ReferenceVoice,
  sentences: readonly string[],
  folder: string,
): Promise<MonoAudio[]> {
  const { program, voice } = reference;
  const paths = sentences.map((_, index) => join(folder, `${program}-${voice}-${index}.wav`));
  if (program === 'festival') {
    const script = join(folder, `${voice}.scm`);
    const lines = sentences.map(
      (sentence, index) =>
        `(utt.save.wave (utt.synth (Utterance Text "${sentence}")) "${paths[index]!}" 'riff)\n`,
    );
    await writeFile(script, `(voice_${voice})\n${lines.join('')}`);
    await runTool(program, ['-b', script], HINTS.festival);
  } else {
    for (const [index, sentence] of sentences.entries()) {
      const args = ['-voice', voice, '-t', sentence, '-o', paths[index]!];
      await runTool(program, args, HINTS.flite);
    }
  }
  return Promise.all(
    paths.map(async (path) => {
      try {
        return readWav(await readFile(path));
      } catch (error) {
        const reason = `${program} has no voice ${voice} (${HINTS[program]})`;
        throw new ToolMissing(reason, { cause: error });
      }
    }),
  );
}
