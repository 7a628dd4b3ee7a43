import type {
  FrameCodec,
  FrameDecoder,
  FrameEncoder,
} from '../../../codecs/streaming/frame-codec.js';

const FRAME_SIZE = 4;
const OVERLAP = 6;
const CARDINALITY = 50;

/**
 * A codec without a network, for samples that are integers in `[0, 50)`. Its tokens are the samples
 * plus the frame's number modulo 50, so that lost or shared state shows, and the decoder holds the
 * last 6 samples back as a real one does.
 *
 * @param period - Frames after which the numbers begin anew: one that forgets.
 */
export function fakeFrameCodec(period = CARDINALITY): FrameCodec & { open: number } {
  const codec = {
    properties: {
      kind: 'rvq' as const,
      name: 'fake',
      sampleRate: 40,
      channels: 1,
      frameSize: FRAME_SIZE,
      frameRate: 10,
      numCodebooks: FRAME_SIZE,
      cardinality: CARDINALITY,
      weightsHash: 'fa'.repeat(32),
    },
    overlap: OVERLAP,
    open: 0,
    openEncoder(): FrameEncoder {
      codec.open++;
      let frame = 0;
      return {
        encode: (samples) => {
          const codes = new Uint16Array(samples.length);
          samples.forEach((sample, index) => {
            codes[index] =
              (sample + ((frame + Math.floor(index / FRAME_SIZE)) % period)) % CARDINALITY;
          });
          frame += samples.length / FRAME_SIZE;
          return Promise.resolve(codes);
        },
        reset: () => {
          frame = 0;
        },
        close: () => {
          codec.open--;
        },
      };
    },
    openDecoder(): FrameDecoder {
      codec.open++;
      let frame = 0;
      let held: number[] = [];
      return {
        decode: (codes, numCodebooks) => {
          const numFrames = codes.length / numCodebooks;
          for (let index = 0; index < numFrames * FRAME_SIZE; index++) {
            const row = Math.floor(index / FRAME_SIZE);
            const column = index % FRAME_SIZE;
            const code = column < numCodebooks ? codes[row * numCodebooks + column]! : 0;
            held.push((code + CARDINALITY - ((frame + row) % period)) % CARDINALITY);
          }
          frame += numFrames;
          const samples = held.slice(0, Math.max(0, held.length - OVERLAP));
          held = held.slice(samples.length);
          return Promise.resolve(Float32Array.from(samples));
        },
        reset: () => {
          frame = 0;
          held = [];
        },
        close: () => {
          codec.open--;
        },
      };
    },
    close: () => Promise.resolve(),
  };
  return codec;
}
