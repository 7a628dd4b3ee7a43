// polynomial of IEEE 802.3, its bits turned round, as in zlib and PNG
const POLYNOMIAL = 0xedb88320;
const LANES = 8;
/** Entry `256 * n + byte`: what a byte does to the sum when `n` bytes follow it. */
const TABLES = makeTables();

/**
 * The checksum CRC-32 of zlib, in plain JavaScript, so that browsers have it too.
 *
 * @param bytes - Any number of them.
 * @param seed - The checksum of what comes before them, an unsigned 32-bit number; 0 without it.
 * @returns An unsigned 32-bit number.
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const tables = TABLES;
  const { length } = bytes;
  let sum = ~seed;
  let index = 0;
  for (const end = length - (length % LANES); index < end; index += LANES) {
    sum =
      tables[1792 + ((sum ^ bytes[index]!) & 0xff)]! ^
      tables[1536 + (((sum >>> 8) ^ bytes[index + 1]!) & 0xff)]! ^
      tables[1280 + (((sum >>> 16) ^ bytes[index + 2]!) & 0xff)]! ^
      tables[1024 + ((sum >>> 24) ^ bytes[index + 3]!)]! ^
      tables[768 + bytes[index + 4]!]! ^
      tables[512 + bytes[index + 5]!]! ^
      tables[256 + bytes[index + 6]!]! ^
      tables[bytes[index + 7]!]!;
  }
  for (; index < length; index++) {
    sum = (sum >>> 8) ^ tables[(sum ^ bytes[index]!) & 0xff]!;
  }
  return ~sum >>> 0;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(LANES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) {
      sum = (sum & 1) === 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    }
    tables[byte] = sum;
  }
  for (let entry = 256; entry < tables.length; entry++) {
    const before = tables[entry - 256]!;
    tables[entry] = (before >>> 8) ^ tables[before & 0xff]!;
  }
  return tables;
}
