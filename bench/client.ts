/**
 * Asks a server for speech.
 *
 * @param url - The server's base address.
 * @param fields - Fields of the request besides model and voice; PCM unless they name another format.
 * @param leaves - Whether to leave after the first byte, rather than read everything.
 * @returns From the request to the first byte of audio, in ms.
 * @throws {Error} If the answer is not audio.
 */
export async function firstByteMs(
  url: string,
  fields: { input: string; response_format?: 'pcm' | 'mp3' },
  leaves = false,
): Promise<number> {
  const start = performance.now();
  const response = await fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tts-1', voice: 'alloy', response_format: 'pcm', ...fields }),
  });
  if (!response.ok || response.body === null) {
    throw new Error(`The server answered ${response.status}: ${await response.text()}`);
  }
  let first: number | undefined;
  for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
    if (bytes.length > 0) {
      first ??= performance.now() - start;
      if (leaves) {
        break;
      }
    }
  }
  if (first === undefined) {
    throw new Error('The server sent no audio.');
  }
  return first;
}
