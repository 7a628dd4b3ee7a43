import wavefile from 'wavefile';
import { makeWavHeader, WAV_HEADER_BYTES } from '../../../src/audio/wav-header.js';
import { readWav } from '../../../src/audio/wav-reader.js';
import { errorWithCode } from '../../helpers/errors.js';

function makeWav(options: {
  channels?: number[][];
  sampleRate?: number;
  depth?: string;
  container?: string;
}): Uint8Array {
  const { channels = [[0, 0.5, -0.5, 0.25]], sampleRate = 24_000, depth = '16' } = options;
  const wav = new wavefile.WaveFile();
  const container = { container: options.container ?? 'RIFF' };
  wav.fromScratch(
    channels.length,
    sampleRate,
    '64',
    channels.length === 1 ? channels[0]! : channels,
    container,
  );
  if (depth === '8m') {
    wav.toBitDepth('16');
    wav.toMuLaw();
  } else if (depth === '8a') {
    wav.toBitDepth('16');
    wav.toALaw();
  } else {
    wav.toBitDepth(depth);
  }
  return wav.toBuffer();
}

describe('readWav', () => {
  it.each([
    ['8', 1],
    ['16', 4],
    ['24', 6],
    ['32', 6],
    ['32f', 6],
    ['64', 6],
    ['8m', 1],
    ['8a', 1],
  ])('reads bit depth %s', (depth, digits) => {
    const { samples, sampleRate } = readWav(makeWav({ depth }));
    expect(sampleRate).toBe(24_000);
    [0, 0.5, -0.5, 0.25].forEach((expected, index) => {
      expect(samples[index]).toBeCloseTo(expected, digits);
    });
  });

  it('reads 12 bits, which lie in the upper bits of 16', () => {
    const bytes = makeWav({});
    new DataView(bytes.buffer, bytes.byteOffset).setUint16(34, 12, true);
    expect(readWav(bytes).samples[1]).toBeCloseTo(0.5, 3);
  });

  it('reads big-endian files', () => {
    const { samples } = readWav(makeWav({ container: 'RIFX' }));
    expect(samples[1]).toBeCloseTo(0.5, 3);
    expect(samples).toHaveLength(4);
  });

  it('takes the mean of eight channels at 192 kHz and 24 bits', () => {
    const channels = Array.from({ length: 8 }, (_, channel) => [channel / 10, -channel / 10, 0]);
    const { samples, sampleRate } = readWav(
      makeWav({ channels, sampleRate: 192_000, depth: '24' }),
    );
    expect(sampleRate).toBe(192_000);
    expect(samples).toHaveLength(3);
    expect(samples[0]).toBeCloseTo(0.35, 5);
    expect(samples[1]).toBeCloseTo(-0.35, 5);
  });

  it('clips floats and silences what is no number', () => {
    const wav = new wavefile.WaveFile();
    wav.fromScratch(1, 24_000, '32f', [3, -3, NaN, Infinity, 0.5]);
    expect([...readWav(wav.toBuffer()).samples]).toEqual([1, -1, 0, 0, 0.5]);
  });

  it.each([
    [0xffff_ffff, 0xffff_ffff],
    [0x7fff_ffff, 0x7fff_ffff - 36],
    [0, 0],
  ])('reads a stream whose header says %d', (riffSize, dataSize) => {
    const bytes = makeWav({});
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    view.setUint32(4, riffSize, true);
    view.setUint32(40, dataSize, true);
    expect([...readWav(bytes).samples]).toEqual([...readWav(makeWav({})).samples]);
  });

  it('names a file that is cut in the middle', () => {
    const whole = makeWav({ channels: [new Array<number>(1_000).fill(0.1)] });
    for (const length of [
      whole.length - 1,
      1_000,
      WAV_HEADER_BYTES,
      WAV_HEADER_BYTES - 1,
      30,
      12,
    ]) {
      expect(() => readWav(whole.slice(0, length))).toThrow(errorWithCode('AUDIO_INVALID'));
    }
  });

  it('names a file without samples', () => {
    expect(() => readWav(makeWav({ channels: [[]] }))).toThrow(errorWithCode('AUDIO_EMPTY'));
    expect(() => readWav(makeWavHeader(undefined))).toThrow(errorWithCode('AUDIO_EMPTY'));
  });

  it('refuses text and headers that make no sense', () => {
    const text = new TextEncoder().encode('RIFFs of a guitar are no WAVE file at all, are they?');
    expect(() => readWav(text)).toThrow(errorWithCode('AUDIO_INVALID'));
    for (const [offset, value] of [
      [22, 0], // channels
      [22, 999],
      [24, 1], // Hz
      [34, 0], // bits
      [34, 77],
      [20, 85], // MP3 inside WAV
    ] as const) {
      const bytes = makeWav({});
      new DataView(bytes.buffer, bytes.byteOffset).setUint16(offset, value, true);
      if (offset === 24) {
        new DataView(bytes.buffer, bytes.byteOffset).setUint16(26, 0, true);
      }
      expect(() => readWav(bytes)).toThrow(errorWithCode('AUDIO_INVALID'));
    }
  });

  it('never fails in another way, whatever the bytes', () => {
    const good = makeWav({ depth: '24' });
    let state = 1;
    for (let round = 0; round < 2_000; round++) {
      const bytes = good.slice();
      for (let change = 0; change < 3; change++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        bytes[(state >>> 8) % bytes.length] = state >>> 24;
      }
      try {
        const { samples } = readWav(bytes);
        expect(samples.every((sample) => Math.abs(sample) <= 1)).toBe(true);
      } catch (error) {
        expect(['AUDIO_INVALID', 'AUDIO_EMPTY']).toContain((error as { code: string }).code);
      }
    }
  });
});

describe('makeWavHeader', () => {
  it('has exact sizes, or open ones for a stream', () => {
    const exact = new DataView(makeWavHeader(100).buffer);
    expect([exact.getUint32(4, true), exact.getUint32(40, true)]).toEqual([136, 100]);
    const open = new DataView(makeWavHeader(undefined).buffer);
    expect([open.getUint32(4, true), open.getUint32(40, true)]).toEqual([0xffff_ffff, 0xffff_ffff]);
    const tooLong = new DataView(makeWavHeader(2 ** 33).buffer);
    expect(tooLong.getUint32(40, true)).toBe(0xffff_ffff);
    expect(exact.getUint32(24, true)).toBe(24_000);
    expect(exact.byteLength).toBe(WAV_HEADER_BYTES);
  });
});
