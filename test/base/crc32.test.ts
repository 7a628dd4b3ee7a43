import fc from 'fast-check';
import * as zlib from 'node:zlib';
import { crc32 } from '../../base/crc32.js';

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('gives what zlib gives, for any bytes after any others', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 67 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (bytes, seed) => {
          expect(crc32(bytes)).toBe(zlib.crc32(bytes));
          expect(crc32(bytes, seed)).toBe(zlib.crc32(bytes, seed));
        },
      ),
    );
  });

  it('goes on from the checksum of the bytes before', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 151) >> 3);
    expect(crc32(bytes.subarray(333), crc32(bytes.subarray(0, 333)))).toBe(crc32(bytes));
  });
});
