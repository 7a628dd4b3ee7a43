import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Runtime } from '../../kernels/index.js';
import { Pronouncer, TextFrontEnd } from './index.js';

/**
 * Loads what turns text into phones.
 *
 * @param runtime - Where the network for unknown words runs.
 * @param modelPath - Folder that holds `g2p/`; without that, unknown words are spelled, which still is
 * speech.
 * @returns The front end, and its network, which is to be closed in the end.
 * @throws {SpeechError} `MODEL_INVALID`.
 */
export async function loadFrontEnd(
  runtime: Runtime,
  modelPath: string,
): Promise<{ text: TextFrontEnd; pronouncer: Pronouncer | undefined }> {
  const folder = join(modelPath, 'g2p');
  if (!existsSync(folder)) {
    return { text: await TextFrontEnd.load(), pronouncer: undefined };
  }
  const pronouncer = await Pronouncer.load(runtime, folder);
  const text = await TextFrontEnd.load({ guess: (words) => pronouncer.guess(words) });
  return { text, pronouncer };
}
