import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toSpeechError } from '../../base/errors.js';
import { findModels } from '../../base/package-root.js';
import type { CodecKind } from '../../codecs/contract.js';
import type { ExportedDecoder, ExportedWeights } from '../../codecs/exported-decoder.js';
import { exportDecoder } from '../../codecs/linnet/export-decoder.js';
import { readCodeTables } from './code-tables.js';
import { OutputFile } from './output-file.js';

/** What a page needs to decode token files. */
export type DecoderParts = {
  /** An ONNX model. */
  model: Uint8Array;
  /** What it is. */
  description: ExportedDecoder;
  /** By which its tokens are entropy-coded. */
  tables: Uint8Array;
};

/**
 * Makes the decoder of this package's weights.
 *
 * @param kind - Which tokens.
 * @param weights - How its weights are stored.
 * @throws {SpeechError} What `exportDecoder` and `readCodeTables` throw.
 */
export async function makeDecoder(
  kind: CodecKind,
  weights: ExportedWeights,
): Promise<DecoderParts> {
  const tables = readCodeTables(kind);
  return { ...(await exportDecoder(findModels(), kind, weights)), tables };
}

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
 * Writes a decoder as `decoder.onnx`, `decoder.json` and `decoder.tables`; none appears before all are complete.
 *
 * @param folder - Where; it is made if it is not there.
 * @param decoder - What {@link makeDecoder} made.
 * @param signal - Ends it; nothing is left behind then.
 * @throws {SpeechError} `FILE_WRITE_FAILED`, `CANCELLED`.
 */
export async function writeDecoderFiles(
  folder: string,
  { model, description, tables }: DecoderParts,
  signal?: AbortSignal,
): Promise<void> {
  const contents = [
    ['decoder.onnx', model],
    ['decoder.json', encodeDescription(description)],
    ['decoder.tables', tables],
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
