import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { LatentCodec, LatentDecoder } from '../../codecs/index.js';
import type { Runtime } from '../../kernels/index.js';
import { FlowDecoder } from '../flow/index.js';
import { LanguageModel } from '../language-model/index.js';
import { PHONES, type Pronouncer, type TextFrontEnd } from '../text/index.js';
import { loadFrontEnd } from '../text/load-front-end.js';
import { readVoices } from '../voices/index.js';
import { checkModels } from './check-models.js';
import { StageClock } from './stage-clock.js';

/** Everything that speaking needs, loaded once and shared by all streams. */
export class SpeechModels {
  /** How long they took so far. */
  readonly clock = new StageClock();
  #identity: string | undefined;

  private constructor(
    readonly text: TextFrontEnd,
    readonly language: LanguageModel,
    readonly flow: FlowDecoder,
    readonly latents: LatentDecoder,
    readonly pronouncer: Pronouncer | undefined,
  ) {}

  /**
   * Loads the models.
   *
   * @param runtime - The device.
   * @param modelPath - Folder that holds `language-model/`, `flow/`, `g2p/` and `voices.json`.
   * @param codec - The latent codec of the same folder, which stays open when these are closed.
   * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if a part is broken or they do not belong
   * together.
   */
  static async load(
    runtime: Runtime,
    modelPath: string,
    codec: LatentCodec,
  ): Promise<SpeechModels> {
    const { text, pronouncer } = await loadFrontEnd(runtime, modelPath);
    const language = await LanguageModel.load(runtime, join(modelPath, 'language-model'));
    const flow = await FlowDecoder.load(runtime, join(modelPath, 'flow'));
    const latents = await codec.speechDecoder.get();
    const voices = readVoices(modelPath).map(({ id }) => id);
    const facts = { language: language.config, flow: flow.config, codec: codec.config };
    checkModels({ ...facts, phones: PHONES, voices }, modelPath);
    return new SpeechModels(text, language, flow, latents, pronouncer);
  }

  /** What tells these models from others, and whether their streams share runs: of whom a snapshot is. */
  get identity(): string {
    this.#identity ??= createHash('sha256')
      .update(JSON.stringify([this.language.config, this.flow.config, this.latents.config]))
      .update(this.language.initialState)
      .update(this.flow.fingerprint)
      .update(this.latents.fingerprint)
      .update(this.flow.maxBatch === 1 ? 'alone' : 'shared')
      .digest('hex');
    return this.#identity;
  }

  /** Frees the networks. */
  async close(): Promise<void> {
    await this.language.close();
    await this.flow.close();
    await this.pronouncer?.close();
  }
}
