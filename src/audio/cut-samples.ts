/**
 * Takes a part of a signal.
 *
 * @param samples - The signal, in pieces of any length; it is read no further than needed, and closed.
 * @param start - Samples to leave out at the beginning, 0 or more.
 * @param length - Samples to take at most.
 * @yields The part, in pieces; nothing if the signal is over before it.
 * @throws {SpeechError} What `samples` throws.
 */
export async function* cutSamples(
  samples: AsyncIterable<Float32Array>,
  start: number,
  length = Infinity,
): AsyncGenerator<Float32Array, void, undefined> {
  const end = start + length;
  let position = 0;
  for await (const piece of samples) {
    const part = piece.subarray(Math.max(0, start - position), Math.max(0, end - position));
    position += piece.length;
    if (part.length > 0) {
      yield part;
    }
    if (position >= end) {
      return;
    }
  }
}
