import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import { findModels } from '../../base/package-root.js';
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
  const bytes = readCodeTables(kind);
  let tables: CodeTables;
  try {
    tables = parseCodeTables(bytes);
  } catch (cause) {
    const path = pathOf(kind);
    throw new SpeechError('MODEL_INVALID', `${path} is damaged.`, { path }, { cause });
  }
  loaded.set(kind, tables);
  return tables;
}

/**
 * The file of these tables, as other programs read it.
 *
 * @param kind - Which tokens.
 * @throws {SpeechError} `FILE_NOT_FOUND` if the package lacks it.
 */
export function readCodeTables(kind: CodecKind): Uint8Array {
  const path = pathOf(kind);
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new SpeechError('FILE_NOT_FOUND', `${path} does not exist.`, { path }, { cause });
  }
}

/**
 * Finds the tables that a token file names among those of this version.
 *
 * @param crc - Their CRC-32.
 */
export const findCodeTables: FindTables = (crc) =>
  KINDS.map(codeTablesOf).find((tables) => tables.crc === crc);

function pathOf(kind: CodecKind): string {
  return join(findModels(), 'codec', `${kind}.tables`);
}
