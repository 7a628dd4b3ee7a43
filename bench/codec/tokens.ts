import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LntHeader } from '../../codecs/lnt/lnt-header.js';
import { LntReader } from '../../codecs/lnt/lnt-reader.js';
import { LntWriter } from '../../codecs/lnt/lnt-writer.js';
import { findCodeTables } from '../../src/files/code-tables.js';
import { readLntFile } from '../../src/files/codec-files.js';

/** How the tokens of two folders differ. */
export type Difference = { numCodes: number; numDifferent: number; numFilesDifferent: number };

/**
 * Compares the tokens in two folders, file by file.
 *
 * @param folder - Token files.
 * @param other - Others of the same names and lengths.
 * @returns How many codes there are, and how many differ.
 * @throws {Error} If the folders hold other files, or files of other lengths.
 */
export async function compareTokens(folder: string, other: string): Promise<Difference> {
  const names = (await readdir(folder)).sort();
  if (names.join() !== (await readdir(other)).sort().join()) {
    throw new Error(`${folder} and ${other} hold different files.`);
  }
  const difference: Difference = { numCodes: 0, numDifferent: 0, numFilesDifferent: 0 };
  for (const name of names) {
    const { codes } = await readLntFile(join(folder, name));
    const { codes: others } = await readLntFile(join(other, name));
    if (codes.length !== others.length) {
      throw new Error(`${name} has ${codes.length} codes in one run, ${others.length} in another.`);
    }
    const numDifferent = codes.reduce((sum, code, at) => sum + Number(code !== others[at]), 0);
    difference.numCodes += codes.length;
    difference.numDifferent += numDifferent;
    difference.numFilesDifferent += Number(numDifferent > 0);
  }
  return difference;
}

/** @param folder - Files. @returns Their bytes in all. */
export async function countBytes(folder: string): Promise<number> {
  let numBytes = 0;
  for (const name of await readdir(folder)) {
    numBytes += (await stat(join(folder, name))).size;
  }
  return numBytes;
}

/**
 * Writes a token file as long as one likes: whole seconds of another again and again.
 *
 * @param source - A token file of a second or more.
 * @param path - The file to write.
 * @param seconds - Its length, whole seconds.
 */
export async function repeatTokens(source: string, path: string, seconds: number): Promise<void> {
  const { codes, frameRate, numCodebooks, numSamples, sampleRate } = await readLntFile(source);
  const framesPerSecond = frameRate.numerator / frameRate.denominator;
  const wholeSeconds = Math.floor(numSamples / sampleRate);
  const writer = new LntWriter(await readHeaderOf(source));
  function* parts(): Generator<Uint8Array> {
    for (let left = seconds; left > 0; left -= wholeSeconds) {
      const length = Math.min(left, wholeSeconds);
      const numFrames = length * framesPerSecond;
      const data = codes.subarray(0, numFrames * numCodebooks);
      yield writer.pushCodes({ data, numFrames, numCodebooks, numSamples: length * sampleRate });
    }
    yield writer.finish();
  }
  await pipeline(Readable.from(parts()), createWriteStream(path));
}

async function readHeaderOf(path: string): Promise<LntHeader> {
  const reader = new LntReader(findCodeTables);
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    reader.push(part);
    if (reader.header !== undefined) {
      break;
    }
  }
  return reader.header!;
}
