import { stat } from 'node:fs/promises';
import type { CodecProperties } from '../../codecs/contract.js';
import type { CodeTables } from '../../codecs/lnt/code-tables.js';
import { problemOf } from '../../codecs/lnt/lnt-problem.js';
import type { LntHeader } from '../../codecs/lnt/lnt-header.js';
import type { AudioFormat } from '../audio/formats.js';
import { openAudio } from '../audio/read-audio.js';
import { readLntItems } from '../files/lnt-items.js';

/** What is done about a result that is there already. */
export type ExistingPolicy = 'refuse' | 'overwrite' | 'resume';

/** What a sound token file holds. */
export type SoundLnt = { header: LntHeader; numSamples: number; numBytes: number };

/**
 * Reads a token file through.
 *
 * @param path - The file.
 * @returns What it holds, if every block of it is sound and its end is there; otherwise `undefined`.
 */
export async function readSoundLnt(path: string): Promise<SoundLnt | undefined> {
  let sound: SoundLnt | undefined;
  try {
    const { size } = await stat(path);
    for await (const { item, header } of readLntItems(path)) {
      if (problemOf(item) !== undefined) {
        return undefined;
      }
      if (item.type === 'end') {
        sound = { header, numSamples: item.numSamples, numBytes: size };
      }
    }
  } catch {
    return undefined;
  }
  return sound;
}

/**
 * Whether a token file is what a run would make of its input.
 *
 * @param file - What it holds.
 * @param codec - The codec of the run.
 * @param numCodebooks - Levels that the run keeps.
 * @param tables - Those by which it entropy-codes, if it does.
 */
export function isOfRun(
  { header }: SoundLnt,
  codec: CodecProperties,
  numCodebooks: number,
  tables: CodeTables | undefined,
): boolean {
  return (
    header.weightsHash === codec.weightsHash &&
    header.levels.length === numCodebooks &&
    header.tablesCrc === tables?.crc
  );
}

/** @param path - A file. @returns Whether there is one. */
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/**
 * Looks into an audio file.
 *
 * @param path - The file.
 * @param format - What it should be.
 * @param numSamples - How many samples at 24 kHz it should have.
 * @returns Its size in bytes if it is whole, as far as that can be told: of WAV and PCM by every sample, of others, which
 * appear under their name only when they are complete, by there being anything. Otherwise `undefined`.
 */
export async function sizeOfWhole(
  path: string,
  format: AudioFormat,
  numSamples: number,
): Promise<number | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || stats.size === 0) {
    return undefined;
  }
  const isWhole =
    format.name === 'wav'
      ? (await countSamples(path)) === numSamples
      : format.name !== 'pcm' || stats.size === 2 * numSamples;
  return isWhole ? stats.size : undefined;
}

async function countSamples(path: string): Promise<number | undefined> {
  let numSamples = 0;
  try {
    for await (const piece of openAudio(path)) {
      numSamples += piece.length;
    }
  } catch {
    return undefined;
  }
  return numSamples;
}
