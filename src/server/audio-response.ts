import { patchHeader } from '../audio/finalise.js';
import { beginAudio, encode, pause, send, type SpeechRun } from './speech-run.js';

/** Bytes of a whole response that its client may take its time for. */
const SLICE_BYTES = 65_536;

/**
 * Sends speech as bare audio while it is made.
 *
 * @param run - The response; it is ended.
 */
export async function sendStream(run: SpeechRun): Promise<void> {
  await encode(run, async (bytes) => {
    for await (const part of bytes) {
      beginAudio(run, run.request.format.contentType);
      await send(run, part);
    }
  });
  run.response.end();
}

/**
 * Sends speech as bare audio once it is complete, with its length and exact sizes in its header.
 *
 * @param run - The response; it is ended.
 */
export async function sendWhole(run: SpeechRun): Promise<void> {
  const whole = await collectWhole(run);
  beginAudio(run, run.request.format.contentType);
  await sendSlices(run, whole);
}

/**
 * Speaks to the end.
 *
 * @param run - The response; nothing is sent yet.
 * @param watch - As `encode` takes it.
 * @returns The audio file with exact sizes in its header.
 */
export async function collectWhole(
  run: SpeechRun,
  watch?: Parameters<typeof encode>[2],
): Promise<Buffer> {
  run.isWhole = true;
  const parts: Buffer[] = [];
  await encode(
    run,
    async (bytes) => {
      for await (const part of bytes) {
        parts.push(part);
        await pause(run);
      }
    },
    watch,
  );
  const whole = Buffer.concat(parts);
  const patch = patchHeader(run.request.format, whole, whole.length, run.numSamples);
  if (patch !== undefined) {
    whole.set(patch.bytes, patch.offset);
  }
  return whole;
}

/**
 * Sends a body of known length.
 *
 * @param run - The response, whose headers are set but for the length; it is ended.
 * @param body - The whole body.
 */
export async function sendSlices(run: SpeechRun, body: Buffer): Promise<void> {
  run.response.setHeader('Content-Length', body.length);
  for (let start = 0; start < body.length; start += SLICE_BYTES) {
    await send(run, body.subarray(start, start + SLICE_BYTES));
  }
  run.response.end();
}
