import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import { findPackageRoot } from '../../base/package-root.js';
import type { CodecKind } from '../../codecs/contract.js';
import { parseCodeTables, type CodeTables, type FindTables } from '../../codecs/lnt/code-tables.js';

const KINDS: readonly CodecKind[] = ['rvq', 'single'];

const loaded = new Map<CodecKind, CodeTables>();

/**
 * The tables by which this version entropy-codes the tokens of a codec. They are read when they are first wanted.
 *
 * @param kind - Which tokens.
 * @throws {SpeechError} `FILE_NOT_FOUND` if the package lacks them; `MODEL_INVALID` if they are damaged.
 */
export function codeTablesOf(kind: CodecKind): CodeTables {
  const known = loaded.get(kind);
  if (known !== undefined) {
    return known;
  }
  const path = join(findPackageRoot(), 'models', 'codec', `${kind}.tables`);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new SpeechError('FILE_NOT_FOUND', `${path} does not exist.`, { path }, { cause });
  }
  let tables: CodeTables;
  try {
    tables = parseCodeTables(bytes);
  } catch (cause) {
    throw new SpeechError('MODEL_INVALID', `${path} is damaged.`, { path }, { cause });
  }
  loaded.set(kind, tables);
  return tables;
}

/**
 * Finds the tables that a token file names among those of this version.
 *
 * @param crc - Their CRC-32.
 */
export const findCodeTables: FindTables = (crc) =>
  KINDS.map(codeTablesOf).find((tables) => tables.crc === crc);
