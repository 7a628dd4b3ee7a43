import { joinSamples } from '../base/arrays.js';
import { LatentCodec, type Codec } from '../codecs/index.js';
import type { Runtime } from '../kernels/index.js';
import type { FlowToken } from '../tts/flow/index.js';
import { Sentence } from '../tts/pipeline/sentence.js';
import { SpeechModels } from '../tts/pipeline/speech-models.js';
import { median, timed } from '../src/bench/statistics.js';

/** Each part of the way, by itself. */
export const STAGES = [
  'text front end',
  'language model',
  'flow decoder',
  'codec decode',
  'codec encode',
] as const;

/** One of {@link STAGES}. */
export type StageName = (typeof STAGES)[number];

/** Medians of the stages, warm. */
export type StageFigures = {
  /** `cpu`, `webgpu` or `cuda`. */
  device: string;
  /** Seconds of audio that the text becomes. */
  audioSeconds: number;
  stages: {
    name: StageName;
    /** Seconds for the whole text. */
    seconds: number;
    /** Seconds over seconds of audio. */
    realTimeFactor: number;
  }[];
  /** Of the language model alone, one stream. */
  tokensPerSecond: number;
};

/** Tokens that the flow decoder, and frames that the codec, get at once, as in a long speech. */
const CHUNK_TOKENS = 25;
const CHUNK_FRAMES = 50;
const CHUNK_SAMPLES = 24_000;
const SAMPLE_RATE = 24_000;
const SEED = 1;

/**
 * Measures the stages one after the other on the same text. Must run in a worker thread, as the
 * networks do in the engine.
 *
 * @param runtime - The device.
 * @param modelPath - Folder of the models.
 * @param text - What is spoken, by the model's first voice.
 * @param numRuns - Runs that count, after one that does not.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `MODEL_INVALID`.
 */
export async function measureStages(
  runtime: Runtime,
  modelPath: string,
  text: string,
  numRuns: number,
): Promise<StageFigures> {
  const latentCodec = new LatentCodec(runtime, modelPath);
  const models = await SpeechModels.load(runtime, modelPath, latentCodec);
  const codec = await latentCodec.load('rvq');
  const times: Record<StageName, number[]> = {
    'text front end': [],
    'language model': [],
    'flow decoder': [],
    'codec decode': [],
    'codec encode': [],
  };
  let numTokens = 0;
  let audioSeconds = 0;
  for (let run = 0; run <= numRuns; run++) {
    const sentences = await timed(async () => readText(models, text));
    const tokens = await timed(() => makeTokens(models, sentences.result));
    const latents = await timed(() => makeLatents(models, tokens.result));
    const samples = await timed(() => makeSamples(models, latents.result));
    const encoded = await timed(() => encode(codec, samples.result));
    numTokens = tokens.result.length;
    audioSeconds = samples.result.length / SAMPLE_RATE;
    if (run > 0) {
      times['text front end'].push(sentences.seconds);
      times['language model'].push(tokens.seconds);
      times['flow decoder'].push(latents.seconds);
      times['codec decode'].push(samples.seconds);
      times['codec encode'].push(encoded.seconds);
    }
  }
  await codec.close();
  await models.close();
  return {
    device: runtime.device,
    audioSeconds,
    stages: STAGES.map((name) => {
      const seconds = median(times[name]);
      return { name, seconds, realTimeFactor: seconds / audioSeconds };
    }),
    tokensPerSecond: numTokens / median(times['language model']),
  };
}

async function readText(models: SpeechModels, text: string): Promise<Sentence[]> {
  const utterances = await models.text.process(text);
  return utterances.map((utterance, index) => {
    const sentence = new Sentence(index === 0, models.language.reach);
    sentence.take(utterance, true);
    return sentence;
  });
}

async function makeTokens(
  models: SpeechModels,
  sentences: readonly Sentence[],
): Promise<FlowToken[]> {
  const [voice] = models.language.config.voiceIds;
  const stream = models.language.stream({ voice: voice!, seed: SEED });
  const tokens: FlowToken[] = [];
  for (const sentence of sentences) {
    const { phoneIds, wordStarts, maxDwell } = sentence.takePiece()!;
    stream.begin(await models.language.encode(phoneIds, wordStarts), maxDwell);
    while (!stream.isAtEnd) {
      const [steps] = await models.language.advance([stream]);
      for (const { token, pointer } of steps!) {
        tokens.push({ token, phone: sentence.phoneIdOf(pointer) });
      }
    }
  }
  return tokens;
}

async function makeLatents(
  models: SpeechModels,
  tokens: readonly FlowToken[],
): Promise<Float32Array> {
  const [voice] = models.language.config.voiceIds;
  const stream = models.flow.stream({ voice: voice!, seed: SEED });
  const pieces: Float32Array[] = [];
  for (let start = 0; start < tokens.length; start += CHUNK_TOKENS) {
    const end = start + CHUNK_TOKENS;
    pieces.push((await stream.push(tokens.slice(start, end), end >= tokens.length)).slice());
  }
  stream.close();
  return joinSamples(pieces);
}

async function makeSamples(models: SpeechModels, latents: Float32Array): Promise<Float32Array> {
  const stream = models.latents.stream();
  const size = CHUNK_FRAMES * models.latents.config.latentDim;
  const pieces: Float32Array[] = [];
  for (let start = 0; start < latents.length; start += size) {
    pieces.push((await stream.push(latents.subarray(start, start + size))).slice());
  }
  pieces.push((await stream.flush()).slice());
  stream.close();
  return joinSamples(pieces);
}

async function encode(codec: Codec, samples: Float32Array): Promise<void> {
  const stream = codec.encoder();
  for (let start = 0; start < samples.length; start += CHUNK_SAMPLES) {
    await stream.push(samples.subarray(start, start + CHUNK_SAMPLES));
  }
  await stream.flush();
  await stream.close();
}
