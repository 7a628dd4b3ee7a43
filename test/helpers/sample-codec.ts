import type { Codec, CodecKind } from '../../codecs/contract.js';
import type { FrameCodec } from '../../codecs/streaming/frame-codec.js';
import { StreamingCodec } from '../../codecs/streaming/streaming-codec.js';

const FRAME_SIZE = 8;
const STEPS = 1_023;

/**
 * A codec without a network for real audio: each of a frame's eight codes is one sample with 10 bits.
 * With fewer codebooks the last samples of each frame are lost.
 */
export function createSampleCodec(kind: CodecKind = 'rvq'): Codec {
  const stateless = { reset: () => undefined, close: () => undefined };
  const frames: FrameCodec = {
    properties: {
      kind,
      name: 'samples',
      sampleRate: 24_000,
      channels: 1,
      frameSize: FRAME_SIZE,
      frameRate: 3_000,
      numCodebooks: FRAME_SIZE,
      cardinality: STEPS + 1,
      weightsHash: 'c0de'.repeat(16),
    },
    overlap: 0,
    openEncoder: () => ({
      ...stateless,
      encode: (samples) =>
        Promise.resolve(
          Uint16Array.from(samples, (sample) => Math.round(((sample + 1) / 2) * STEPS)),
        ),
    }),
    openDecoder: () => ({
      ...stateless,
      decode: (codes, numCodebooks) => {
        const numFrames = codes.length / numCodebooks;
        const samples = new Float32Array(numFrames * FRAME_SIZE);
        codes.forEach((code, index) => {
          const frame = Math.floor(index / numCodebooks);
          samples[frame * FRAME_SIZE + (index % numCodebooks)] = (code / STEPS) * 2 - 1;
        });
        return Promise.resolve(samples);
      },
    }),
    close: () => Promise.resolve(),
  };
  return new StreamingCodec(frames);
}
