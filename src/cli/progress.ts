import type { SpeechChunk } from '../../tts/types.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';

const REDRAW_MS = 100;

/** Measures speech while it is made and, on a terminal, shows how far it is. */
export class Progress {
  readonly #output: NodeJS.WriteStream;
  readonly #isShown: boolean;
  readonly #startMs = performance.now();
  #firstAudioMs: number | undefined;
  #numSamples = 0;
  #drawnMs = 0;

  /**
   * @param output - Standard error; progress is shown only if it is a terminal.
   * @param isQuiet - Shows nothing at all.
   */
  constructor(output: NodeJS.WriteStream, isQuiet: boolean) {
    this.#output = output;
    this.#isShown = !isQuiet && output.isTTY;
  }

  /**
   * Passes speech through and measures it.
   *
   * @param chunks - Speech as the engine makes it.
   * @returns Its samples.
   */
  async *follow(chunks: AsyncIterable<SpeechChunk>): AsyncGenerator<Float32Array, void, undefined> {
    for await (const { samples } of chunks) {
      this.#firstAudioMs ??= performance.now() - this.#startMs;
      this.#numSamples += samples.length;
      this.#draw();
      yield samples;
    }
  }

  /** Removes the progress line. */
  clear(): void {
    if (this.#isShown) {
      this.#output.write('\r\u001b[K');
    }
  }

  /**
   * One line that says what was done.
   *
   * @param target - The file's name, or "stdout".
   * @returns Such as `speech.wav: 3.21 s of speech in 0.61 s, real-time factor 0.19, first audio
   * after 80 ms`.
   */
  summary(target: string): string {
    const speechSeconds = this.#numSamples / SPEECH_SAMPLE_RATE;
    const workSeconds = (performance.now() - this.#startMs) / 1000;
    const factor = (workSeconds / speechSeconds).toFixed(2);
    const first = Math.round(this.#firstAudioMs ?? 0);
    return `${target}: ${speechSeconds.toFixed(2)} s of speech in ${workSeconds.toFixed(2)} s, real-time factor ${factor}, first audio after ${first} ms`;
  }

  #draw(): void {
    const nowMs = performance.now();
    if (this.#isShown && nowMs - this.#drawnMs >= REDRAW_MS) {
      this.#drawnMs = nowMs;
      const seconds = (this.#numSamples / SPEECH_SAMPLE_RATE).toFixed(1);
      this.#output.write(`\r\u001b[K${seconds} s of speech`);
    }
  }
}
