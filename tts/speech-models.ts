import { join } from 'node:path';
import { loadLatentDecoder, type LatentDecoder } from '../codecs/index.js';
import type { Runtime } from '../kernels/index.js';
import { FlowDecoder } from './flow/index.js';
import { LanguageModel } from './language-model/index.js';
import { TextFrontEnd } from './text/index.js';

/** Everything that speaking needs, loaded once and shared by all streams. */
export class SpeechModels {
  private constructor(
    readonly text: TextFrontEnd,
    readonly language: LanguageModel,
    readonly flow: FlowDecoder,
    readonly latents: LatentDecoder,
  ) {}

  /**
   * Loads the models and runs each of them, so that the first speech is as fast as any.
   *
   * @param runtime - The device.
   * @param modelPath - Folder that holds `language-model/`, `flow/`, `codec/` and `g2p/`.
   * @throws {SpeechError} `FILE_NOT_FOUND`, `MODEL_INVALID`.
   */
  static async load(runtime: Runtime, modelPath: string): Promise<SpeechModels> {
    const text = await TextFrontEnd.load();
    const language = await LanguageModel.load(runtime, join(modelPath, 'language-model'));
    const flow = await FlowDecoder.load(runtime, join(modelPath, 'flow'));
    const latents = await loadLatentDecoder(runtime, modelPath);
    return new SpeechModels(text, language, flow, latents);
  }

  /** Frees the networks. */
  async close(): Promise<void> {
    await this.language.close();
    await this.flow.close();
    await this.latents.close();
  }
}
