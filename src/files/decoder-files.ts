import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toSpeechError } from '../../base/errors.js';
import type { ExportedDecoder } from '../../codecs/exported-decoder.js';
import { OutputFile } from './output-file.js';

/**
 * Writes a description as the file that lies beside the graph.
 *
 * @param description - What the graph is.
 * @returns JSON in UTF-8.
 */
export function encodeDescription(description: ExportedDecoder): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(description, null, 2)}\n`);
}

/**
 * Writes a decoder as `decoder.onnx` and `decoder.json`; neither appears before both are complete.
 *
 * @param folder - Where; it is made if it is not there.
 * @param decoder - What `exportDecoder` made.
 * @param signal - Ends it; nothing is left behind then.
 * @throws {SpeechError} `FILE_WRITE_FAILED`, `CANCELLED`.
 */
export async function writeDecoderFiles(
  folder: string,
  { model, description }: { model: Uint8Array; description: ExportedDecoder },
  signal?: AbortSignal,
): Promise<void> {
  const contents = [
    ['decoder.onnx', model],
    ['decoder.json', encodeDescription(description)],
  ] as const;
  const files: OutputFile[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of contents) {
      const file = await OutputFile.create(join(folder, name));
      files.push(file);
      await file.append(bytes);
    }
    signal?.throwIfAborted();
    for (const file of files) {
      await file.commit();
    }
  } catch (error) {
    await Promise.all(files.map((file) => file.discard()));
    throw toSpeechError(error);
  }
}
