import { Distortion } from '../../../src/comparison/distortion.js';
import { readInStep } from '../../../src/comparison/in-step.js';
import { OffsetFinder } from '../../../src/comparison/offset.js';
import { noise } from '../../helpers/signal.js';
import { sine } from '../../helpers/tones.js';

describe('Distortion', () => {
  const measure = (original: Float32Array, decoded: Float32Array) => {
    const distortion = new Distortion();
    const half = Math.floor(original.length / 2);
    distortion.push(original.subarray(0, half), decoded.subarray(0, half));
    distortion.push(original.subarray(half), decoded.subarray(half));
    return distortion.finish();
  };
  const tone = sine(24_000, 1_000);
  const silence = new Float32Array(24_000);

  it('of a scaled copy is that of the scale, and none by SI-SDR', () => {
    const { snrDb, siSdrDb, isIdentical } = measure(tone, tone.map((sample) => sample * 0.9)); // prettier-ignore
    expect(snrDb).toBeCloseTo(20, 4);
    expect([siSdrDb, isIdentical]).toEqual([Infinity, false]);
    expect(measure(tone, tone.map((sample) => -sample)).siSdrDb).toBe(Infinity); // prettier-ignore
  });

  it('of an added tone is the ratio of both, by SI-SDR whatever the scale', () => {
    const other = sine(24_000, 3_000, 24_000, 0.05);
    const sum = tone.map((sample, index) => sample + other[index]!);
    expect(measure(tone, sum).snrDb).toBeCloseTo(20, 3);
    expect(measure(tone, sum).siSdrDb).toBeCloseTo(20, 3);
    expect(measure(tone, sum.map((sample) => sample * 0.1)).siSdrDb).toBeCloseTo(20, 3); // prettier-ignore
    expect(measure(tone, sum.map((sample) => sample * 0.1)).snrDb).toBeLessThan(1); // prettier-ignore
  });

  it('of silence is told apart', () => {
    expect(measure(tone, tone)).toMatchObject({ snrDb: Infinity, siSdrDb: Infinity, isIdentical: true, isOriginalSilent: false }); // prettier-ignore
    expect(measure(silence, silence)).toEqual({ snrDb: Infinity, siSdrDb: NaN, isIdentical: true, isOriginalSilent: true, isDecodedSilent: true }); // prettier-ignore
    expect(measure(silence, tone)).toMatchObject({ snrDb: NaN, siSdrDb: NaN, isDecodedSilent: false }); // prettier-ignore
    expect(measure(tone, silence)).toMatchObject({ snrDb: 0, siSdrDb: NaN, isDecodedSilent: true });
    const clicks = [10, 20].map((at) => silence.slice().fill(0.5, at, at + 1));
    expect(measure(clicks[0]!, clicks[1]!).siSdrDb).toBe(-Infinity);
  });
});

describe('OffsetFinder', () => {
  const find = (original: Float32Array, decoded: Float32Array, pieceLength = 1_000) => {
    const finder = new OffsetFinder(2_400);
    for (let start = 0; start < original.length; start += pieceLength) {
      const end = start + pieceLength;
      finder.push(original.subarray(start, end), decoded.subarray(start, end));
    }
    return finder.finish();
  };
  /** Noise from `start` on, with silence where it is not known. */
  const piece = (start: number, length: number) => {
    const all = noise(100_000, 5);
    return Float32Array.from({ length }, (_, index) => all[index - start] ?? 0);
  };

  it.each([0, 1, -1, 700, -2_400, 2_400])('finds an offset of %d samples', (offset) => {
    for (const length of [7_000, 14_000, 40_000]) {
      const found = find(piece(3_000, length), piece(3_000 + offset, length));
      expect(found!.numSamples).toBe(offset);
      expect(found!.correlation).toBeGreaterThan(0.3);
    }
  });

  it('gives the sums of products themselves', () => {
    const [original, decoded] = [noise(30_000, 6), noise(30_000, 7)];
    const found = find(original, decoded, 777)!;
    const sum = (a: Float32Array, b: Float32Array, lag: number) =>
      a.reduce((total, sample, index) => total + sample * (b[index + lag] ?? 0), 0);
    const energy = Math.sqrt(sum(original, original, 0) * sum(decoded, decoded, 0));
    const expected = sum(original, decoded, found.numSamples) / energy;
    expect(found.correlation).toBeCloseTo(expected, 9);
  });

  it('prefers no offset of a tone, knows inversion, and finds nothing in silence', () => {
    const tone = sine(24_000, 1_000);
    expect(find(tone, tone)).toEqual({ numSamples: 0, correlation: 1 });
    const inverted = find(piece(0, 20_000), piece(90, 20_000).map((sample) => -sample))!; // prettier-ignore
    expect(inverted.numSamples).toBe(90);
    expect(inverted.correlation).toBeLessThan(-0.99);
    expect(find(tone, new Float32Array(24_000))).toBeUndefined();
  });
});

describe('readInStep', () => {
  it('pairs samples whatever the pieces, counts the rest, and closes both', async () => {
    const closed: string[] = [];
    async function* source(name: string, lengths: number[]) {
      let value = 0;
      try {
        for (const length of lengths) {
          await Promise.resolve();
          yield Float32Array.from({ length }, () => value++);
        }
      } finally {
        closed.push(name);
      }
    }
    const pairs: number[][] = [[], []];
    const lengths = await readInStep(
      source('a', [3, 0, 5, 1]),
      source('b', [0, 1, 6, 9]),
      (a, b) => {
        pairs[0]!.push(...a);
        pairs[1]!.push(...b);
      },
    );
    expect(lengths).toEqual({ first: 9, second: 16 });
    expect(pairs[0]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(pairs[1]).toEqual(pairs[0]);
    const failing = readInStep(source('c', [1]), source('d', [1]), () => {
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(closed.sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});
