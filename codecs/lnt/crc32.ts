const REVERSED_POLYNOMIAL = 0xedb8_8320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ REVERSED_POLYNOMIAL : remainder >>> 1;
  }
  return remainder;
});

/**
 * Computes the CRC-32 of ISO-HDLC (zlib, PNG, gzip). Node has it only from 20.15 on.
 *
 * @param bytes - The data.
 * @param previous - The CRC of what came before, to go on from there.
 * @returns An unsigned 32-bit number; 0 for no data.
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let remainder = ~previous;
  for (const byte of bytes) {
    remainder = TABLE[(remainder ^ byte) & 0xff]! ^ (remainder >>> 8);
  }
  return ~remainder >>> 0;
}
