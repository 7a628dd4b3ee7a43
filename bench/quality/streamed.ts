import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../engine/client/engine.js';
import type { Judges } from './judges.js';
import { wordErrorRate, type WordErrorRate } from './scores.js';
import { speakWhole } from './speech.js';

/** How a text reaches the engine. */
export type Arrival = 'whole' | 'word by word' | 'word by word, 200 ms apart';

/** What is understood of a text that comes in one way. */
export type StreamedResult = {
  voice: string;
  arrival: Arrival;
  words: WordErrorRate;
  /** Sentences whose samples equal those of the whole text, of all. */
  equal: number;
  sentences: number;
};

/** What each kind of arrival waits before a word, ms; undefined for the text in one piece. */
const ARRIVALS: readonly { arrival: Arrival; delayMs: number | undefined }[] = [
  { arrival: 'whole', delayMs: undefined },
  { arrival: 'word by word', delayMs: 0 },
  { arrival: 'word by word, 200 ms apart', delayMs: 200 },
];

/**
 * Compares texts that are known at once with texts that come word by word.
 *
 * @param engine - Speaks, with seed 0.
 * @param voice - Its id.
 * @param sentences - What it says.
 * @param judges - Those who hear it.
 * @returns A result for each way, the whole text first.
 * @throws {ToolMissing} If the judges are missing.
 */
export async function measureStreamed(
  engine: Engine,
  voice: string,
  sentences: readonly string[],
  judges: Judges,
): Promise<StreamedResult[]> {
  const wavs: string[] = [];
  const equal = ARRIVALS.map(() => 0);
  for (const [index, sentence] of sentences.entries()) {
    let whole: Float32Array | undefined;
    for (const [way, { delayMs }] of ARRIVALS.entries()) {
      const text = delayMs === undefined ? sentence : inWords(sentence, delayMs);
      const samples = await speakWhole(engine, text, { voice, seed: 0 });
      whole ??= samples;
      equal[way]! += isEqual(whole, samples) ? 1 : 0;
      wavs.push(await judges.save(`streamed-${index}-${way}`, samples, engine.sampleRate));
    }
  }
  const heard = await judges.hear(wavs);
  return ARRIVALS.map(({ arrival }, way) => ({
    voice,
    arrival,
    words: wordErrorRate(
      sentences.map((text, index) => ({
        text,
        heard: heard[index * ARRIVALS.length + way]!.heard,
      })),
    ),
    equal: equal[way]!,
    sentences: sentences.length,
  }));
}

/** A sentence as a language model would give it: each word with the space before it. */
async function* inWords(sentence: string, delayMs: number): AsyncGenerator<string, void> {
  for (const word of sentence.match(/\s*\S+/g) ?? []) {
    if (delayMs > 0) {
      await sleep(delayMs);
    }
    yield word;
  }
}

function isEqual(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((sample, index) => sample === b[index]);
}
