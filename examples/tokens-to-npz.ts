// Writes the tokens of a folder of .lnt files, and of folders in it, as one .npz for NumPy: `codes` [T, K] of all
// recordings one after the other, `offsets` [N + 1], where each begins, and `names` [N].
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { endianness } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readLntFile } from 'linnet';
import yazl from 'yazl';

const [folder = '.', output = join(folder, 'tokens.npz')] = process.argv.slice(2);
const files = await readdir(folder, { recursive: true });
const names = files.filter((name) => name.endsWith('.lnt')).sort();

// the files are read twice, since shapes come first in an array's file: so memory holds one recording at a time
const offsets = new BigInt64Array(names.length + 1);
let numCodebooks = 0;
for (const [index, name] of names.entries()) {
  const tokens = await readLntFile(join(folder, name));
  numCodebooks ||= tokens.numCodebooks;
  if (tokens.numCodebooks !== numCodebooks) {
    throw new Error(
      `${name} has ${tokens.numCodebooks} levels, the files before it ${numCodebooks}.`,
    );
  }
  offsets[index + 1] = offsets[index]! + BigInt(tokens.numFrames);
}
const numFrames = Number(offsets.at(-1));
const longest = names.reduce((most, name) => Math.max(most, Array.from(name).length), 1);

async function* codes(): AsyncGenerator<Uint8Array> {
  yield npyHeader('u2', [numFrames, numCodebooks]);
  for (const name of names) {
    yield toBytes((await readLntFile(join(folder, name))).data);
  }
}

function* places(): Generator<Uint8Array> {
  yield npyHeader('i8', [offsets.length]);
  yield toBytes(offsets);
}

/** Strings of one length, four bytes a character. */
function* labels(): Generator<Uint8Array> {
  yield npyHeader(`U${longest}`, [names.length]);
  for (const name of names) {
    const characters = new Uint32Array(longest);
    characters.set(Array.from(name, (character) => character.codePointAt(0)!));
    yield toBytes(characters);
  }
}

/** What an array's file begins with; it ends with a newline and at a multiple of 64 bytes. */
function npyHeader(type: string, shape: readonly number[]): Uint8Array {
  const order = endianness() === 'LE' ? '<' : '>';
  const text = `{'descr': '${order}${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},)}`;
  const numBytes = 64 * Math.ceil((10 + text.length + 1) / 64);
  const header = Buffer.alloc(numBytes, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(numBytes - 10, 8);
  header.write(text, 10, 'latin1');
  header.write('\n', numBytes - 1);
  return header;
}

function toBytes({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const zip = new yazl.ZipFile();
const written = pipeline(zip.outputStream, createWriteStream(output));
const failed = once(zip, 'error').then(([error]) => Promise.reject(error as Error));
for (const [name, parts] of Object.entries({ codes, offsets: places, names: labels })) {
  zip.addReadStream(Readable.from(parts()), `${name}.npy`, { compress: false });
}
zip.end();
await Promise.race([written, failed]);
console.log(
  `${basename(output)}: ${names.length} recordings, ${numFrames} frames of ${numCodebooks} codes`,
);
