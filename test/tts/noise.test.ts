import { fillNormal, fillUniform } from '../../tts/noise.js';

describe('fillUniform', () => {
  it('gives the same numbers for the same seed, purpose and position', () => {
    const first = new Float32Array(5);
    const second = new Float32Array(5);
    fillUniform(first, 7, 'sampling', 3);
    fillUniform(second, 7, 'sampling', 3);
    expect(second).toEqual(first);
  });

  it('gives the same numbers whether few or many are drawn', () => {
    const few = new Float32Array(3);
    const many = new Float32Array(64);
    fillUniform(few, 1, 'flow', 9);
    fillUniform(many, 1, 'flow', 9);
    expect(many.subarray(0, 3)).toEqual(few);
  });

  it.each([
    { seed: 8, purpose: 'sampling', position: 3 },
    { seed: 7, purpose: 'flow', position: 3 },
    { seed: 7, purpose: 'sampling', position: 4 },
  ] as const)('gives others for seed $seed, $purpose, position $position', (change) => {
    const base = new Float32Array(4);
    const other = new Float32Array(4);
    fillUniform(base, 7, 'sampling', 3);
    fillUniform(other, change.seed, change.purpose, change.position);
    for (const [index, value] of other.entries()) {
      expect(value).not.toBe(base[index]);
    }
  });

  it('follows the published test vector of Philox2x32-10', () => {
    // counter 0, 0x10000 (the purpose "sampling") and key 0, worked out with Python's big integers
    const out = new Float32Array(2);
    fillUniform(out, 0, 'sampling', 0);
    const expected = philoxWithBigInt(0n, 0x10000n, 0n);
    expect(out[0]).toBe(Math.fround((Number(expected[0] >> 9n) + 0.5) / 2 ** 23));
    expect(out[1]).toBe(Math.fround((Number(expected[1] >> 9n) + 0.5) / 2 ** 23));
    // Salmon et al., kat_vectors of Random123
    expect(philoxWithBigInt(0n, 0n, 0n)).toEqual([0xff1dae59n, 0x6cd10df2n]);
  });

  it('stays inside the open interval and fills it evenly', () => {
    const out = new Float32Array(100_000);
    fillUniform(out, 123, 'sampling', 0);
    const mean = out.reduce((sum, value) => sum + value, 0) / out.length;
    expect(Math.min(...out.subarray(0, 50_000))).toBeGreaterThan(0);
    expect(Math.max(...out.subarray(0, 50_000))).toBeLessThan(1);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.005);
  });
});

describe('fillNormal', () => {
  it('has the mean, the deviation and the tails of a normal distribution', () => {
    const out = new Float32Array(100_000);
    fillNormal(out, 5, 'flow', 77, 2);
    const mean = out.reduce((sum, value) => sum + value, 0) / out.length;
    const variance = out.reduce((sum, value) => sum + value * value, 0) / out.length - mean ** 2;
    const outside = out.filter((value) => Math.abs(value) > 4).length / out.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 4)).toBeLessThan(0.08);
    expect(Math.abs(outside - 0.0455)).toBeLessThan(0.004);
  });
});

function philoxWithBigInt(low: bigint, high: bigint, key: bigint): [bigint, bigint] {
  const mask = 0xffffffffn;
  let [left, right, roundKey] = [low, high, key];
  for (let round = 0; round < 10; round++) {
    const product = left * 0xd256d193n;
    [left, right] = [(product >> 32n) ^ roundKey ^ right, product & mask];
    roundKey = (roundKey + 0x9e3779b9n) & mask;
  }
  return [left, right];
}
