import { Worker } from 'node:worker_threads';
import { Engine } from '../engine/client/engine.js';
import { engineOptions, type BenchSettings } from './settings.js';
import type { StageFigures } from './stages.js';
import { median, timed } from '../src/bench/statistics.js';
import { BENCH_TEXT, TEN_WORDS } from './texts.js';

/** Medians of the engine as a program uses it, warm, one stream. */
export type EngineFigures = {
  /** Seconds until the engine is loaded and has run once. */
  loadSeconds: number;
  /** Seconds of audio that the text becomes. */
  audioSeconds: number;
  /** Seconds for the whole text, over seconds of audio. */
  realTimeFactor: number;
  /** From `speak` to the first chunk of a sentence of ten words, in ms. */
  firstAudioMs: number;
};

/**
 * Measures the stages in a worker thread of their own, which is gone afterwards.
 *
 * @throws {SpeechError} As `measureStages`; its class is lost on the way out of the worker.
 */
export function runStageWorker(settings: BenchSettings): Promise<StageFigures> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./stage-worker.js', import.meta.url), {
      workerData: settings,
    });
    let figures: StageFigures | undefined;
    worker.on('message', (message: StageFigures) => {
      figures = message;
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (figures === undefined) {
        reject(new Error(`The worker of the stages ended with code ${code} and without figures.`));
      } else {
        resolve(figures);
      }
    });
  });
}

/**
 * Measures the engine.
 *
 * @param settings - Device, models, runs.
 * @throws {SpeechError} As `Engine.load` and `Engine.speak`.
 */
export async function measureEngine(settings: BenchSettings): Promise<EngineFigures> {
  const loaded = await timed(() => Engine.load(engineOptions(settings)));
  const engine = loaded.result;
  try {
    const factors: number[] = [];
    const firsts: number[] = [];
    let audioSeconds = 0;
    for (let run = 0; run <= settings.runs; run++) {
      const whole = await timed(() => countSamples(engine, BENCH_TEXT));
      const first = await firstAudioMs(engine);
      audioSeconds = whole.result / engine.sampleRate;
      if (run > 0) {
        factors.push(whole.seconds / audioSeconds);
        firsts.push(first);
      }
    }
    return {
      loadSeconds: loaded.seconds,
      audioSeconds,
      realTimeFactor: median(factors),
      firstAudioMs: median(firsts),
    };
  } finally {
    await engine.close();
  }
}

async function countSamples(engine: Engine, text: string): Promise<number> {
  let numSamples = 0;
  for await (const { samples } of engine.speak(text)) {
    numSamples += samples.length;
  }
  return numSamples;
}

async function firstAudioMs(engine: Engine): Promise<number> {
  const start = performance.now();
  let first: number | undefined;
  // heard to its end, so that nothing of it runs into the next measurement
  for await (const { samples } of engine.speak(TEN_WORDS)) {
    if (samples.length > 0) {
      first ??= performance.now() - start;
    }
  }
  return first ?? NaN;
}
