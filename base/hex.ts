/**
 * Writes bytes as hexadecimal digits.
 *
 * @param bytes - Any number of them.
 * @returns Two digits for each, in lower case.
 */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Reads hexadecimal digits.
 *
 * @param digits - An even number of them, in either case; the caller has checked that they are.
 * @returns A byte for every two of them.
 */
export function fromHex(digits: string): Uint8Array {
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  );
}
