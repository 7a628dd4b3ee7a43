import type { Engine } from '../../engine/client/engine.js';
import type { Judges } from './judges.js';
import { wordErrorRate, type WordErrorRate } from './scores.js';
import { speakWhole } from './speech.js';

/**
 * Asks a small recogniser what it understands, as a quick check.
 *
 * @param engine - Speaks, with seed 0.
 * @param voice - Its id.
 * @param sentences - What it says.
 * @param judges - Those who hear it.
 * @throws {ToolMissing} If the judges are missing.
 */
export async function measureQuick(
  engine: Engine,
  voice: string,
  sentences: readonly string[],
  judges: Judges,
): Promise<WordErrorRate> {
  const wavs: string[] = [];
  for (const [index, sentence] of sentences.entries()) {
    const samples = await speakWhole(engine, sentence, { voice, seed: 0 });
    wavs.push(await judges.save(`quick-${index}`, samples, engine.sampleRate));
  }
  const heard = await judges.hear(wavs);
  return wordErrorRate(sentences.map((text, index) => ({ text, heard: heard[index]!.heard })));
}
