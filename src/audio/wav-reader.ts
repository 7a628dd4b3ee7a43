import { SpeechError } from '../../base/errors.js';
import { MonoMixer } from './mono-mixer.js';
import {
  findReader,
  isWav,
  parseFormat,
  tagAt,
  type SampleReader,
  type WavFormat,
} from './wav-format.js';

/** Mono audio at the rate it was recorded with. */
export type MonoAudio = {
  /** Samples in `[-1, 1]`. */
  samples: Float32Array;
  /** Hz. */
  sampleRate: number;
};

const CONTAINER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
// the chunks that are looked into are at most 40 and 28 bytes, tables aside
const MAX_HEADER_CHUNK_BYTES = 65_536;
// writers to a pipe leave 0xFFFFFFFF (ffmpeg, OpenAI, Linnet) or just under 0x7FFFFFFF (SoX)
const LARGEST_REAL_SIZE = 0x7fff_f000;
const UNKNOWN_SIZE = 0xffff_ffff;

/** What is needed to read samples. */
type Reading = {
  format: WavFormat;
  read: SampleReader;
  bytesPerSample: number;
  mixer: MonoMixer;
};

/**
 * Reads a WAV file while it arrives: 8 to 64 bits, integer or float, G.711, little- or big-endian,
 * RF64, any number of channels (their mean is taken). Sizes left open by a stream are read as "until
 * the end". Holds no more than was pushed last.
 */
export class WavReader {
  readonly #totalBytes: number;
  #pending: Uint8Array = new Uint8Array(0);
  /** Offset in the file of `#pending`. */
  #offset = 0;
  #toSkip = 0;
  #container: { isLittleEndian: boolean; isStream: boolean } | undefined;
  #largeDataSize: number | undefined;
  #reading: Reading | undefined;
  /** The samples, from where the data chunk begins. */
  #data: { declared: number; numRead: number } | undefined;

  /**
   * @param totalBytes - Length of the file where it is known, which tells early that it is cut short.
   */
  constructor(totalBytes = Infinity) {
    this.#totalBytes = totalBytes;
  }

  /** The format, once the header was pushed. */
  get format(): WavFormat | undefined {
    return this.#reading?.format;
  }

  /** What is odd about the samples: one sentence, or `undefined`. */
  get warning(): string | undefined {
    return this.#reading?.mixer.warning;
  }

  /**
   * Takes the next bytes.
   *
   * @param bytes - Any number; not kept.
   * @returns The mono samples in `[-1, 1]` that are now complete, possibly none.
   * @throws {SpeechError} `AUDIO_INVALID` if it is not a WAV file, is damaged or cut short, has an
   * encoding that is not read here, or a sample that is no finite number.
   */
  push(bytes: Uint8Array): Float32Array {
    this.#append(bytes);
    while (this.#data === undefined && this.#readChunk()) {
      // the next one
    }
    return this.#data === undefined ? new Float32Array(0) : this.#readSamples(this.#data);
  }

  /**
   * Ends the file.
   *
   * @throws {SpeechError} `AUDIO_INVALID` if it is cut short, `AUDIO_EMPTY` if it had no samples.
   */
  end(): void {
    if (this.#container === undefined) {
      throw notWav();
    }
    if (this.#data === undefined) {
      throw new SpeechError(
        'AUDIO_INVALID',
        'The WAV file has no samples: its data chunk is missing.',
      );
    }
    const { declared, numRead } = this.#data;
    if (declared !== Infinity && numRead + this.#pending.length < declared) {
      throw cutShort(declared, numRead + this.#pending.length);
    }
    if (this.#reading?.mixer.numFrames === 0) {
      throw new SpeechError('AUDIO_EMPTY', 'The WAV file has 0 samples.');
    }
  }

  #append(bytes: Uint8Array): void {
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    this.#offset += skipped;
    const rest = bytes.subarray(skipped);
    if (this.#pending.length === 0) {
      this.#pending = rest;
      return;
    }
    const joined = new Uint8Array(this.#pending.length + rest.length);
    joined.set(this.#pending);
    joined.set(rest, this.#pending.length);
    this.#pending = joined;
  }

  #consume(numBytes: number): void {
    const available = Math.min(numBytes, this.#pending.length);
    this.#pending = this.#pending.subarray(available);
    this.#offset += available;
    this.#toSkip = numBytes - available;
  }

  /** Reads the container's header or one chunk. @returns Whether there may be another. */
  #readChunk(): boolean {
    const bytes = this.#pending;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#container === undefined) {
      if (bytes.length < CONTAINER_BYTES) {
        return this.#wait();
      }
      if (!isWav(bytes)) {
        throw notWav();
      }
      const isLittleEndian = tagAt(bytes, 0) !== 'RIFX';
      const riffSize = view.getUint32(4, isLittleEndian);
      const isStream = riffSize === 0 || riffSize > LARGEST_REAL_SIZE;
      this.#container = { isLittleEndian, isStream };
      this.#consume(CONTAINER_BYTES);
      return true;
    }
    if (bytes.length < CHUNK_HEADER_BYTES) {
      return this.#wait();
    }
    const { isLittleEndian } = this.#container;
    const tag = tagAt(bytes, 0);
    const declared = view.getUint32(4, isLittleEndian);
    if (tag === 'data') {
      this.#consume(CHUNK_HEADER_BYTES);
      this.#beginData(declared);
      return false;
    }
    if (tag === 'fmt ' || tag === 'ds64') {
      if (declared > MAX_HEADER_CHUNK_BYTES) {
        throw new SpeechError('AUDIO_INVALID', 'The WAV file is damaged: its header is too long.');
      }
      if (bytes.length < CHUNK_HEADER_BYTES + declared) {
        return this.#wait();
      }
      const content = new DataView(bytes.buffer, bytes.byteOffset + CHUNK_HEADER_BYTES, declared);
      if (tag === 'fmt ') {
        const format = parseFormat(content, isLittleEndian);
        const mixer = new MonoMixer(format.numChannels);
        this.#reading = { format, ...findReader(format), mixer };
      } else if (declared >= 16) {
        this.#largeDataSize = Number(content.getBigUint64(8, isLittleEndian));
      }
    }
    // chunks are padded to an even length
    this.#consume(CHUNK_HEADER_BYTES + declared + (declared % 2));
    return this.#toSkip === 0;
  }

  /** Keeps what is there, in memory of its own, until more comes. */
  #wait(): false {
    this.#pending = this.#pending.slice();
    return false;
  }

  #beginData(size: number): void {
    const { isStream } = this.#container!;
    if (this.#reading === undefined) {
      throw new SpeechError('AUDIO_INVALID', 'The WAV file is damaged: its format is missing.');
    }
    const declared = size === UNKNOWN_SIZE ? (this.#largeDataSize ?? size) : size;
    const isOpen =
      this.#largeDataSize === undefined
        ? size > LARGEST_REAL_SIZE || (size === 0 && isStream)
        : declared === 0;
    const available = this.#totalBytes - this.#offset;
    if (!isOpen && declared > available) {
      throw cutShort(declared, available);
    }
    this.#data = { declared: isOpen ? Infinity : declared, numRead: 0 };
  }

  #readSamples(data: { declared: number; numRead: number }): Float32Array {
    const { format, read, bytesPerSample, mixer } = this.#reading!;
    const { isLittleEndian } = this.#container!;
    const bytesPerFrame = bytesPerSample * format.numChannels;
    const bytes = this.#pending;
    const available = Math.min(bytes.length, data.declared - data.numRead);
    const numFrames = Math.floor(available / bytesPerFrame);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const samples = mixer.mix(numFrames, (index) =>
      read(view, index * bytesPerSample, isLittleEndian),
    );
    const numRead = numFrames * bytesPerFrame;
    data.numRead += numRead;
    // a frame that is not complete; what stands behind the samples says nothing about them
    this.#pending = bytes.slice(numRead, available);
    return samples;
  }
}

/**
 * Reads a whole WAV file, as {@link WavReader} does.
 *
 * @param bytes - The whole file.
 * @returns Its audio in mono.
 * @throws {SpeechError} As {@link WavReader}'s methods.
 */
export function readWav(bytes: Uint8Array): MonoAudio {
  const reader = new WavReader(bytes.length);
  const samples = reader.push(bytes);
  reader.end();
  return { samples, sampleRate: reader.format!.sampleRate };
}

/**
 * Looks for the format of a WAV file.
 *
 * @param head - Its first bytes.
 * @returns The format, or `undefined` if it is not among them.
 */
export function findWavFormat(head: Uint8Array): WavFormat | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const isLittleEndian = tagAt(head, 0) !== 'RIFX';
  let offset = CONTAINER_BYTES;
  while (offset + CHUNK_HEADER_BYTES <= head.length) {
    const start = offset + CHUNK_HEADER_BYTES;
    const numBytes = view.getUint32(offset + 4, isLittleEndian);
    if (tagAt(head, offset) === 'fmt ') {
      const content = head.subarray(start, start + numBytes);
      const contentView = new DataView(content.buffer, content.byteOffset, content.byteLength);
      return parseFormat(contentView, isLittleEndian);
    }
    offset = start + numBytes + (numBytes % 2);
  }
  return undefined;
}

function notWav(): SpeechError {
  return new SpeechError(
    'AUDIO_INVALID',
    'The file is not a WAV file: its RIFF header is missing.',
  );
}

function cutShort(declared: number, available: number): SpeechError {
  return new SpeechError(
    'AUDIO_INVALID',
    `The WAV file is cut short: its header names ${declared} bytes of samples, ${available} are there.`,
    { declared, available },
  );
}
