import wavefile from 'wavefile';
import { makeWavHeader, WAV_HEADER_BYTES } from '../../../src/audio/wav-header.js';
import { readWav, WavReader } from '../../../src/audio/wav-reader.js';
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

  it('clips floats', () => {
    const wav = new wavefile.WaveFile();
    wav.fromScratch(1, 24_000, '32f', [3, -3, 0.5]);
    expect([...readWav(wav.toBuffer()).samples]).toEqual([1, -1, 0.5]);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %d, and says where it is', (value) => {
    const wav = new wavefile.WaveFile();
    wav.fromScratch(2, 24_000, '32f', [
      [0, 0.1, 0.2],
      [0, 0.1, value],
    ]);
    const bytes = wav.toBuffer();
    const reader = new WavReader();
    const inTwo = () => {
      reader.push(bytes.subarray(0, bytes.length - 8));
      reader.push(bytes.subarray(bytes.length - 8));
    };
    for (const read of [() => readWav(bytes), inTwo]) {
      expect(read).toThrow(errorWithCode('AUDIO_INVALID'));
      expect(read).toThrow(`Sample 2 of channel 1 is ${value};`);
    }
  });

  it('reads the same in pieces of any length', () => {
    const channels = [0, 1, 2].map((channel) =>
      Array.from({ length: 50 }, (_, index) => Math.sin(index * (channel + 1))),
    );
    const plain = makeWav({ channels, depth: '24' });
    // a chunk of odd length before the samples, and one behind them that is no audio
    const chunk = [...new TextEncoder().encode('LIST'), 3, 0, 0, 0, 1, 2, 3, 0];
    const bytes = Uint8Array.from([...plain.slice(0, 12), ...chunk, ...plain.slice(12), ...chunk]);
    const whole = readWav(plain).samples;
    for (const size of [1, 7, 64, bytes.length]) {
      const reader = new WavReader(bytes.length);
      const samples: number[] = [];
      for (let start = 0; start < bytes.length; start += size) {
        samples.push(...reader.push(bytes.subarray(start, start + size)));
      }
      reader.end();
      expect(samples).toEqual([...whole]);
    }
  });

  it('takes the size of RF64 from its own chunk', () => {
    const plain = makeWav({});
    const ds64 = new Uint8Array(36);
    ds64.set(new TextEncoder().encode('ds64'));
    ds64[4] = 28;
    ds64[16] = 8;
    const bytes = Uint8Array.from([...plain.slice(0, 12), ...ds64, ...plain.slice(12), 9, 9, 9, 9]);
    bytes.set(new TextEncoder().encode('RF64'));
    new DataView(bytes.buffer).setUint32(36 + 40, 0xffff_ffff, true);
    expect([...readWav(bytes).samples]).toEqual([...readWav(plain).samples]);
    ds64[16] = 16;
    bytes.set(ds64, 12);
    expect(() => readWav(bytes)).toThrow(errorWithCode('AUDIO_INVALID'));
  });

  it.each([
    {
      channels: [
        [0.5, -0.5],
        [-0.5, 0.5],
      ],
      isWarned: true,
    },
    {
      channels: [
        [0.5, -0.5],
        [-0.3, 0.3],
      ],
      isWarned: false,
    },
    {
      channels: [
        [0.5, -0.5],
        [0, 0],
      ],
      isWarned: false,
    },
    {
      channels: [
        [0, 0],
        [0, 0],
      ],
      isWarned: false,
    },
  ])('warns of channels that cancel each other: $channels', ({ channels, isWarned }) => {
    const reader = new WavReader();
    reader.push(makeWav({ channels }));
    expect(reader.warning !== undefined).toBe(isWarned);
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
