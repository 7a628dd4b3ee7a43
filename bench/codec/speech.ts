import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findModels } from '../../base/package-root.js';
import { SPEECH_SAMPLE_RATE } from '../../src/audio/formats.js';
import { toS16Bytes } from '../../src/audio/pcm.js';
import { readAudioFile } from '../../src/audio/read-audio.js';
import { makeWavHeader } from '../../src/audio/wav-header.js';
import { createRandom } from '../../src/bench/random.js';
import { readSentences } from '../quality/sentences.js';
import { expectDone } from './program.js';

const BYTES_PER_SECOND = 2 * SPEECH_SAMPLE_RATE;
/** Stream of the random numbers that choose the clips. */
const CLIP_STREAM = 1;

/** Speech from which files of any length are cut. */
export class Speech {
  readonly #bytes: Buffer;

  /** @param bytes - Its samples, 16 bits each, mono at 24 kHz. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Seconds of different speech. */
  get seconds(): number {
    return this.#bytes.length / BYTES_PER_SECOND;
  }

  /**
   * Writes a WAV file of any length: the speech again and again, a piece at a time.
   *
   * @param path - The file.
   * @param seconds - Its length.
   */
  async writeLong(path: string, seconds: number): Promise<void> {
    const file = await open(path, 'w');
    try {
      let left = toBytes(seconds);
      await file.write(makeWavHeader(left));
      while (left > 0) {
        const piece = this.#bytes.subarray(0, left);
        await file.write(piece);
        left -= piece.length;
      }
    } finally {
      await file.close();
    }
  }

  /**
   * Writes many WAV files, cut at random from the speech.
   *
   * @param folder - Where; it is made.
   * @param count - How many.
   * @param shortest - The least seconds of each.
   * @param longest - The most seconds of each.
   * @param seed - Of the places and lengths.
   */
  async writeClips(
    folder: string,
    count: number,
    shortest: number,
    longest: number,
    seed: number,
  ): Promise<void> {
    await mkdir(folder);
    const random = createRandom(seed, CLIP_STREAM);
    for (let index = 0; index < count; index++) {
      const length = toBytes(random(shortest, longest));
      const start = toBytes(random(0, this.seconds - longest));
      const samples = this.#bytes.subarray(start, start + length);
      const name = `${String(index).padStart(5, '0')}.wav`;
      await writeFile(join(folder, name), Buffer.concat([makeWavHeader(length), samples]));
    }
  }
}

/**
 * Gets speech to measure with.
 *
 * @param source - A folder of nothing but recordings; without it the voices say all sentences of `bench/quality/sentences.txt`,
 * each voice in an order of its own.
 * @param folder - Where files may be written meanwhile.
 * @returns All of it.
 */
export async function getSpeech(source: string | undefined, folder: string): Promise<Speech> {
  const paths = source === undefined ? await speak(folder) : await listRecordings(source);
  const pieces: Uint8Array[] = [];
  for (const path of paths) {
    pieces.push(toS16Bytes(await readAudioFile(path)));
  }
  return new Speech(Buffer.concat(pieces));
}

async function speak(folder: string): Promise<string[]> {
  const text = await readFile(join(findModels(), 'voices.json'), 'utf8');
  const { voices } = JSON.parse(text) as { voices: { id: string }[] };
  const sentences = await readSentences('sentences');
  const paths: string[] = [];
  for (const [index, { id }] of voices.entries()) {
    process.stderr.write(`speaking: ${id}\n`);
    const start = Math.floor((index * sentences.length) / voices.length);
    const order = [...sentences.slice(start), ...sentences.slice(0, start)];
    const path = join(folder, `speech-${id}.wav`);
    await expectDone(['speak', order.join(' '), '--voice', id, '--seed', `${index}`, '-o', path]);
    paths.push(path);
  }
  return paths;
}

async function listRecordings(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  return names.map((name) => join(folder, name));
}

/** Whole samples. */
function toBytes(seconds: number): number {
  return 2 * Math.floor(seconds * SPEECH_SAMPLE_RATE);
}
