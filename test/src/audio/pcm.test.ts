import { spawnSync } from 'node:child_process';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from '../../../src/audio/g711.js';
import { toS16, toS16Bytes } from '../../../src/audio/pcm.js';
import { FFMPEG } from '../../helpers/ffmpeg.js';

describe('toS16', () => {
  it('rounds, clips and never wraps', () => {
    const samples = Float32Array.of(0, 0.5, -0.5, 1, -1, 1.5, -7, NaN, Infinity, -Infinity, 2e-5);
    expect([...toS16(samples)]).toEqual([
      0, 16_384, -16_384, 32_767, -32_768, 32_767, -32_768, 0, 32_767, -32_768, 1,
    ]);
  });

  it('is little-endian as bytes', () => {
    expect([...toS16Bytes(Float32Array.of(1, -1, 2 / 32_768))]).toEqual([
      0xff, 0x7f, 0, 0x80, 2, 0,
    ]);
  });
});

describe('G.711', () => {
  const all = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);

  it('has the codes of the recommendation', () => {
    expect([...encodeMulaw(Int16Array.of(0, -1, 32_767, -32_768, 1_000))]).toEqual([
      0xff, 0x7f, 0x80, 0x00, 0xce,
    ]);
    expect([...encodeAlaw(Int16Array.of(0, -1, 32_767, -32_768, 1_000))]).toEqual([
      0xd5, 0x55, 0xaa, 0x2a, 0xfa,
    ]);
  });

  it.each([
    { name: 'mulaw', encode: encodeMulaw, decode: decodeMulaw },
    { name: 'alaw', encode: encodeAlaw, decode: decodeAlaw },
  ])(
    'is read by ffmpeg with less than half a step of error ($name)',
    ({ name, encode, decode }) => {
      const result = spawnSync(
        FFMPEG,
        [
          '-v',
          'error',
          '-f',
          name,
          '-ar',
          '8000',
          '-ac',
          '1',
          '-i',
          'pipe:0',
          '-f',
          's16le',
          'pipe:1',
        ],
        { input: encode(all), maxBuffer: 1e6 },
      );
      const decoded = new Int16Array(new Uint8Array(result.stdout).buffer);
      expect(decoded).toHaveLength(all.length);
      expect(Buffer.from(Int16Array.from(encode(all), decode).buffer).equals(result.stdout)).toBe(
        true,
      );
      const isClose = all.every((sample, index) => {
        // 16 steps in each octave; the ends of the range are clipped
        const clipping = Math.max(0, Math.abs(sample) - 32_124);
        return Math.abs(decoded[index]! - sample) <= (Math.abs(sample) + 132) / 32 + 4 + clipping;
      });
      expect(isClose).toBe(true);
    },
  );
});
