import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChunkEncoder, type ChunkEncoder } from '../../audio/chunk-encoder.js';
import type { EncoderPool } from '../../audio/encoder-pool.js';
import type { AudioFormat } from '../../audio/formats.js';
import { openLntEncoder } from '../../audio/lnt-stream.js';
import type { LntEncoder } from '../../../codecs/lnt/lnt-encoder.js';

/** Turns live speech into bytes, which it hands on as they come. */
export interface LiveEncoder {
  /** Takes mono samples at 24 kHz. */
  push(samples: Float32Array): Promise<void>;
  /** Waits for all bytes that can be had before more samples come. */
  settle(): Promise<void>;
  /** Gives the last bytes. */
  end(): Promise<void>;
  /** Frees what it holds, at once; after `end` too. */
  close(): void;
}

/**
 * Makes the encoder of one live speech.
 *
 * @param format - What to encode to.
 * @param encoders - Where encoders through ffmpeg come from.
 * @param onBytes - Takes bytes, never none.
 * @returns The encoder. In process, the bytes of samples come before `push` returns.
 * @throws {SpeechError} `FFMPEG_MISSING`.
 */
export function createLiveEncoder(
  format: AudioFormat,
  encoders: EncoderPool,
  onBytes: (bytes: Uint8Array) => void,
): LiveEncoder {
  if (format.name === 'lnt') {
    return new TokenEncoder(format, onBytes);
  }
  return format.needsFfmpeg
    ? new StreamEncoder(encoders.take(format), onBytes)
    : new DirectEncoder(createChunkEncoder(format), onBytes);
}

class DirectEncoder implements LiveEncoder {
  readonly #encoder: ChunkEncoder;
  readonly #onBytes: (bytes: Uint8Array) => void;

  constructor(encoder: ChunkEncoder, onBytes: (bytes: Uint8Array) => void) {
    this.#encoder = encoder;
    this.#onBytes = onBytes;
  }

  push(samples: Float32Array): Promise<void> {
    return this.#give(this.#encoder.push(samples));
  }

  settle(): Promise<void> {
    // speech is next to silent where it is flushed, so that a filter may end there and begin anew
    return this.#give(this.#encoder.flush());
  }

  end(): Promise<void> {
    return this.#give(this.#encoder.flush());
  }

  close(): void {
    // it holds nothing
  }

  #give(bytes: Uint8Array): Promise<void> {
    if (bytes.length > 0) {
      this.#onBytes(bytes);
    }
    return Promise.resolve();
  }
}

/** Encodes with a codec. Less than a block, and what the codec looks ahead at, stays inside until more samples come. */
class TokenEncoder implements LiveEncoder {
  readonly #format: AudioFormat;
  readonly #onBytes: (bytes: Uint8Array) => void;
  #encoder: Promise<LntEncoder> | undefined;

  constructor(format: AudioFormat, onBytes: (bytes: Uint8Array) => void) {
    this.#format = format;
    this.#onBytes = onBytes;
  }

  async push(samples: Float32Array): Promise<void> {
    if (samples.length > 0) {
      this.#encoder ??= openLntEncoder(this.#format);
      this.#give(await (await this.#encoder).push(samples));
    }
  }

  settle(): Promise<void> {
    // a file has one last block only
    return Promise.resolve();
  }

  async end(): Promise<void> {
    // nothing was said where there is none
    if (this.#encoder !== undefined) {
      this.#give(await (await this.#encoder).finish());
    }
  }

  close(): void {
    // whoever pushes hears of its errors
    this.#encoder?.then((encoder) => encoder.close()).catch(() => undefined);
  }

  #give(bytes: Uint8Array): void {
    if (bytes.length > 0) {
      this.#onBytes(bytes);
    }
  }
}

/** How long ffmpeg must have been quiet to have given all it can, in ms. */
const QUIET_MS = 40;

/**
 * Encodes with ffmpeg, which says nothing of how far it is: {@link StreamEncoder.settle} waits until it
 * is quiet. What stays inside until more samples or the end come is less than a packet of the input
 * (6 ms) and what the codec looks ahead at: for MP3 at 24 kHz up to two frames of 24 ms, for AAC two
 * of 43 ms, for Opus 20 ms and a page of 40 ms.
 */
class StreamEncoder implements LiveEncoder {
  readonly #stream: Duplex;
  readonly #ended: Promise<void>;
  #activeMs = 0;

  constructor(stream: Duplex, onBytes: (bytes: Uint8Array) => void) {
    this.#stream = stream;
    this.#ended = new Promise((resolve, reject) => {
      stream.once('end', resolve);
      stream.once('error', reject);
      stream.once('close', resolve);
    });
    // whoever waits for it hears of the error
    this.#ended.catch(() => undefined);
    stream.on('data', (bytes: Buffer) => {
      this.#activeMs = performance.now();
      onBytes(bytes);
    });
  }

  async push(samples: Float32Array): Promise<void> {
    if (samples.length === 0) {
      return;
    }
    this.#activeMs = performance.now();
    if (!this.#stream.write(samples)) {
      const waiting = new AbortController();
      try {
        await Promise.race([once(this.#stream, 'drain', { signal: waiting.signal }), this.#ended]);
      } finally {
        waiting.abort();
      }
    }
  }

  async settle(): Promise<void> {
    for (;;) {
      const leftMs = this.#activeMs + QUIET_MS - performance.now();
      if (leftMs <= 0 || this.#stream.destroyed) {
        return;
      }
      await sleep(leftMs);
    }
  }

  async end(): Promise<void> {
    this.#stream.end();
    await this.#ended;
  }

  close(): void {
    this.#stream.destroy();
  }
}
