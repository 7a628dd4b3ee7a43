import { fromHex, toHex } from '../../base/hex.js';

describe('hexadecimal digits', () => {
  it('writes every byte with two of them', () => {
    expect(toHex(Uint8Array.of(0, 9, 16, 171, 255))).toBe('000910abff');
    expect(toHex(new Uint8Array(0))).toBe('');
  });

  it('reads them in either case', () => {
    expect(fromHex('000910ABff')).toEqual(Uint8Array.of(0, 9, 16, 171, 255));
  });
});
