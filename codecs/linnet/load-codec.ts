import { join } from 'node:path';
import { readSafetensors, Weights, type Runtime } from '../../kernels/index.js';
import type { Codec, CodecKind } from '../contract.js';
import { StreamingCodec } from '../streaming/streaming-codec.js';
import { readSpectralConfig, type SpectralConfig } from './config.js';
import { LatentDecoder } from './latent-decoder.js';
import { LatentEncoder } from './latent-encoder.js';
import { Lazy } from './lazy.js';
import { ResidualQuantizer } from './rvq/residual-quantizer.js';
import { spectralCodec, type SpectralParts } from './rvq/rvq-codec.js';
import { readSingleConfig } from './single/config.js';
import { singleCodec } from './single/single-codec.js';
import { TokenQuantizer } from './single/token-quantizer.js';

/** First letters of the tensors that each half of the codec reads; the files have nothing to spare. */
const ENCODER = /^(enc|down)/;
const DECODER = /^(dec|up|norm|head)/;
const QUANTIZER = /^vq\./;

/**
 * Loads one of the codecs. Its encoder and its decoder follow when they are first used.
 *
 * @param runtime - Where it runs; its thread is blocked while it does.
 * @param kind - `rvq` for storage, `single` for the language model's tokens.
 * @param modelPath - Folder that holds `codec/` with `model.safetensors`, `config.json` and, for
 * `single`, `single.safetensors` and `single.json`.
 * @throws {SpeechError} `FILE_NOT_FOUND` if a file is missing; `MODEL_INVALID` if one is damaged or
 * they do not fit together.
 */
export async function loadCodec(
  runtime: Runtime,
  kind: CodecKind,
  modelPath: string,
): Promise<Codec> {
  const folder = join(modelPath, 'codec');
  const config = await readSpectralConfig(join(folder, 'config.json'));
  const parts = lazyParts(runtime, folder, config);
  if (kind === 'rvq') {
    const weights = await readWeights(folder, QUANTIZER);
    const quantizer = await ResidualQuantizer.load(runtime, weights, config);
    return new StreamingCodec(spectralCodec(parts, quantizer));
  }
  const single = await readSingleConfig(join(folder, 'single.json'));
  const tensors = await readSafetensors(join(folder, 'single.safetensors'));
  const quantizer = await TokenQuantizer.load(runtime, new Weights(tensors), single);
  return new StreamingCodec(singleCodec(parts, quantizer, single));
}

/**
 * Loads only the way from latents to samples, which ends the speech pipeline.
 *
 * @param runtime - Where it runs.
 * @param modelPath - Folder that holds `codec/`.
 * @throws {SpeechError} As {@link loadCodec}.
 */
export async function loadLatentDecoder(
  runtime: Runtime,
  modelPath: string,
): Promise<LatentDecoder> {
  const folder = join(modelPath, 'codec');
  const config = await readSpectralConfig(join(folder, 'config.json'));
  return LatentDecoder.load(runtime, await readWeights(folder, DECODER), config);
}

function lazyParts(runtime: Runtime, folder: string, config: SpectralConfig): SpectralParts {
  return {
    config,
    encoder: new Lazy(async () =>
      LatentEncoder.load(runtime, await readWeights(folder, ENCODER), config),
    ),
    decoder: new Lazy(async () =>
      LatentDecoder.load(runtime, await readWeights(folder, DECODER), config),
    ),
  };
}

async function readWeights(folder: string, names: RegExp): Promise<Weights> {
  const path = join(folder, 'model.safetensors');
  return new Weights(await readSafetensors(path, (name) => names.test(name)));
}
