import type { Engine } from '../../tts/engine.js';
import { recognise, type WordErrorRate } from './recogniser.js';
import { speakReference, TEACHERS } from './reference-speech.js';
import { ToolMissing } from './tools.js';

/** The word error rate of a voice, beside its teacher's. */
export type VoiceScore = {
  voice: string;
  own: WordErrorRate;
  /** The synthesizer that taught the voice; null if there is none or it is not installed. */
  reference: (WordErrorRate & { name: string }) | null;
};

/**
 * Measures how well voices are understood.
 *
 * @param engine - Speaks, with seed 0.
 * @param voices - Ids.
 * @param sentences - What they say.
 * @param folder - For temporary files.
 * @param note - Told of every tool that is missing.
 * @throws {ToolMissing} Without the recogniser.
 */
export async function measureVoices(
  engine: Engine,
  voices: readonly string[],
  sentences: readonly string[],
  folder: string,
  note: (message: string) => void,
): Promise<VoiceScore[]> {
  const scores: VoiceScore[] = [];
  for (const voice of voices) {
    const speak = async (sentence: string) => ({
      samples: await speakWhole(engine, sentence, voice),
      sampleRate: engine.sampleRate,
    });
    const own = await recognise(sentences, speak, folder);
    const reference = await measureTeacher(voice, sentences, folder, note);
    scores.push({ voice, own, reference });
  }
  return scores;
}

async function measureTeacher(
  voice: string,
  sentences: readonly string[],
  folder: string,
  note: (message: string) => void,
): Promise<VoiceScore['reference']> {
  const teacher = TEACHERS[voice];
  if (teacher === undefined) {
    return null;
  }
  try {
    const spoken = await speakReference(teacher, sentences, folder);
    const score = await recognise(sentences, (_, index) => Promise.resolve(spoken[index]!), folder);
    return { ...score, name: `${teacher.program} ${teacher.voice}` };
  } catch (error) {
    if (error instanceof ToolMissing) {
      note(error.message);
      return null;
    }
    throw error;
  }
}

async function speakWhole(engine: Engine, text: string, voice: string): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for await (const { samples } of engine.speak(text, { voice, seed: 0 })) {
    pieces.push(samples);
  }
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
