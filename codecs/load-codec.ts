import { join } from 'node:path';
import { readSafetensors, Weights, type Runtime } from '../kernels/index.js';
import type { Codec, CodecKind } from './codec.js';
import { readSingleConfig } from './single/config.js';
import { singleCodec } from './single/single-codec.js';
import { TokenQuantizer } from './single/token-quantizer.js';
import { readSpectralConfig } from './spectral/config.js';
import { LatentDecoder } from './spectral/latent-decoder.js';
import { LatentEncoder } from './spectral/latent-encoder.js';
import { ResidualQuantizer } from './spectral/residual-quantizer.js';
import { spectralCodec } from './spectral/spectral-codec.js';
import { StreamingCodec } from './streaming-codec.js';

/**
 * Loads one of the codecs.
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
  const weights = new Weights(await readSafetensors(join(folder, 'model.safetensors')));
  if (kind === 'rvq') {
    const parts = await loadParts();
    return new StreamingCodec(
      spectralCodec(parts, await ResidualQuantizer.load(runtime, weights, config)),
    );
  }
  const single = await readSingleConfig(join(folder, 'single.json'));
  const tensors = await readSafetensors(join(folder, 'single.safetensors'));
  const quantizer = await TokenQuantizer.load(runtime, new Weights(tensors), single);
  return new StreamingCodec(singleCodec(await loadParts(), quantizer, single));

  async function loadParts() {
    return {
      config,
      encoder: await LatentEncoder.load(runtime, weights, config),
      decoder: await LatentDecoder.load(runtime, weights, config),
    };
  }
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
  const tensors = await readSafetensors(join(folder, 'model.safetensors'));
  return LatentDecoder.load(runtime, new Weights(tensors), config);
}
