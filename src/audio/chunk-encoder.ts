import { SpeechError } from '../../base/errors.js';
import { SPEECH_SAMPLE_RATE, type AudioFormat, type AudioFormatName } from './formats.js';
import { encodeAlaw, encodeMulaw } from './g711.js';
import { toS16, toS16Bytes } from './pcm.js';
import { Resampler } from './resampler.js';
import { makeWavHeader } from './wav-header.js';

/** Turns the samples of one stream into bytes, in process. */
export interface ChunkEncoder {
  /**
   * Takes mono samples at 24 kHz and returns the bytes that are now complete: all of them, but for 3 ms
   * at most that a change of sample rate still looks ahead at.
   */
  push(samples: Float32Array): Uint8Array;
  /** Returns the last bytes. What is pushed after it goes on in the same stream of bytes. */
  flush(): Uint8Array;
}

const CODINGS: Partial<Record<AudioFormatName, (samples: Float32Array) => Uint8Array>> = {
  wav: toS16Bytes,
  pcm: toS16Bytes,
  mulaw: (samples) => encodeMulaw(toS16(samples)),
  alaw: (samples) => encodeAlaw(toS16(samples)),
};

/**
 * Makes an encoder that works in process and at once.
 *
 * @param format - A format whose `needsFfmpeg` is false; its `sampleRate` is that of the bytes.
 * @returns The encoder of one stream.
 */
export function createChunkEncoder(format: AudioFormat): ChunkEncoder {
  const { name, sampleRate } = format;
  const encode = CODINGS[name];
  if (encode === undefined) {
    throw new SpeechError('INTERNAL', `${name} is not encoded in process.`);
  }
  const header = name === 'wav' ? makeWavHeader(undefined, sampleRate) : undefined;
  return new PcmEncoder(encode, sampleRate, header);
}

class PcmEncoder implements ChunkEncoder {
  readonly #encode: (samples: Float32Array) => Uint8Array;
  readonly #sampleRate: number;
  #resampler: Resampler;
  #header: Uint8Array | undefined;

  constructor(
    encode: (samples: Float32Array) => Uint8Array,
    sampleRate: number,
    header: Uint8Array | undefined,
  ) {
    this.#encode = encode;
    this.#sampleRate = sampleRate;
    this.#resampler = new Resampler(SPEECH_SAMPLE_RATE, sampleRate);
    this.#header = header;
  }

  push(samples: Float32Array): Uint8Array {
    return this.#headed(this.#encode(this.#resampler.push(samples)));
  }

  flush(): Uint8Array {
    const last = this.#resampler.flush();
    this.#resampler = new Resampler(SPEECH_SAMPLE_RATE, this.#sampleRate);
    return this.#headed(this.#encode(last));
  }

  #headed(bytes: Uint8Array): Uint8Array {
    const header = this.#header;
    this.#header = undefined;
    return header === undefined ? bytes : Buffer.concat([header, bytes]);
  }
}
