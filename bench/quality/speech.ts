import { joinSamples } from '../../base/arrays.js';
import type { Engine } from '../../engine/client/engine.js';
import type { SpeakOptions } from '../../tts/types.js';
import type { Judges } from './judges.js';
import { countSyllables, type PhoneReader } from './phones.js';
import { likeness, summarise, type JudgedClip, type VoiceScores } from './scores.js';
import type { SentenceSet } from './sentences.js';
import { judgeTeacher, TEACHERS } from './teacher.js';
import { ToolMissing } from './tools.js';

/** A set of sentences, or the part of it that is measured. */
export type NamedSentences = { set: SentenceSet; sentences: readonly string[] };

/** What judges say about a voice on a set of sentences, beside its teacher. */
export type VoiceResult = {
  voice: string;
  set: SentenceSet;
  own: VoiceScores;
  /** The voice that taught it, on the same sentences; null if there is none or it is missing. */
  teacher: (VoiceScores & { name: string }) | null;
  /** Mean cosine between the voice and its teacher over all pairs of clips. */
  likeness: number | null;
};

/**
 * Measures voices: what is understood, how natural it is, how fast, and who seems to speak.
 *
 * @param engine - Speaks.
 * @param voices - Ids.
 * @param sets - What they say.
 * @param seeds - Every sentence is spoken with seeds 0 to `seeds - 1`.
 * @param judges - Full ones.
 * @param phones - Reads the sentences.
 * @param note - Told of a teacher that is missing.
 * @returns A result for each voice and set, voices first.
 * @throws {ToolMissing} If the judges are missing.
 */
export async function measureVoices(
  engine: Engine,
  voices: readonly string[],
  sets: readonly NamedSentences[],
  seeds: number,
  judges: Judges,
  phones: PhoneReader,
  note: (message: string) => void,
): Promise<VoiceResult[]> {
  const results: VoiceResult[] = [];
  for (const voice of voices) {
    for (const { set, sentences } of sets) {
      process.stderr.write(`${voice} speaks ${set}, ${seeds} times\n`);
      const wavs: string[] = [];
      for (let seed = 0; seed < seeds; seed++) {
        for (const [index, sentence] of sentences.entries()) {
          const samples = await speakWhole(engine, sentence, { voice, seed });
          wavs.push(await judges.save(`own-${seed}-${index}`, samples, engine.sampleRate));
        }
      }
      const read = await Promise.all(sentences.map(async (sentence) => phones.read(sentence)));
      const clips = (await judges.judge(wavs)).map((judgement, index): JudgedClip => {
        const at = index % sentences.length;
        return {
          text: sentences[at]!,
          syllables: countSyllables(read[at]!),
          seed: Math.floor(index / sentences.length),
          judgement,
        };
      });
      const teacher = await measureTeacher(voice, sentences, read, judges, note);
      results.push({
        voice,
        set,
        own: summarise(clips),
        teacher: teacher === null ? null : { ...summarise(teacher), name: TEACHERS[voice]! },
        likeness: teacher === null ? null : likeness(voicesOf(clips), voicesOf(teacher)),
      });
    }
  }
  return results;
}

/**
 * Speaks a text and joins what comes.
 *
 * @param engine - Speaks.
 * @param text - A text, or its pieces as they become known.
 * @param options - As for `Engine.speak`.
 * @returns Samples at the engine's rate.
 */
export async function speakWhole(
  engine: Engine,
  text: string | AsyncIterable<string>,
  options: SpeakOptions,
): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for await (const { samples } of engine.speak(text, options)) {
    pieces.push(samples);
  }
  return joinSamples(pieces);
}

async function measureTeacher(
  voice: string,
  sentences: readonly string[],
  read: readonly string[][],
  judges: Judges,
  note: (message: string) => void,
): Promise<JudgedClip[] | null> {
  const name = TEACHERS[voice];
  if (name === undefined) {
    return null;
  }
  try {
    const lines = read.map((phones) => ({ voice: name, phones }));
    return (await judgeTeacher(judges, lines)).map((judgement, index) => ({
      text: sentences[index]!,
      syllables: countSyllables(read[index]!),
      seed: 0,
      judgement,
    }));
  } catch (error) {
    if (error instanceof ToolMissing) {
      note(error.message);
      return null;
    }
    throw error;
  }
}

function voicesOf(clips: readonly JudgedClip[]): number[][] {
  return clips.map(({ judgement }) => judgement.voice);
}
