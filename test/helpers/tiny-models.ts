import { readFileSync } from 'node:fs';
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';
import type { Tensors } from '../../kernels/index.js';
import { loadGolden } from './golden.js';
import { testVoice } from './voices.js';

const VOICES = ['first', 'second'].map((id) => ({ ...testVoice(id), language: 'en-US' }));

/**
 * Writes a folder of models with the random weights of the golden files: a whole engine that loads
 * in no time and babbles.
 *
 * @returns Its path, below the system's folder for temporary files.
 */
export async function writeTinyModels(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'linnet-models-'));
  for (const name of ['codec', 'language-model', 'flow']) {
    const { weights } = await loadGolden(name, 'tiny');
    const config = join(findPackageRoot(), 'test', 'golden', name, 'tiny.json');
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'config.json'), readFileSync(config));
    await writeFile(join(folder, name, 'model.safetensors'), encodeSafetensors(weights));
  }
  await writeFile(
    join(folder, 'voices.json'),
    JSON.stringify({ default: 'first', voices: VOICES }),
  );
  return folder;
}

/** Encodes float32 tensors as a safetensors file. */
function encodeSafetensors(tensors: Tensors): Uint8Array {
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    const bytes = new Uint8Array(Float32Array.from(data as Float32Array).buffer);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    parts.push(bytes);
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  return Buffer.concat([length, json, ...parts]);
}
