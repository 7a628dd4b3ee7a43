import { SpeechError } from '../../base/errors.js';
import type { Codec, CodecKind } from '../../codecs/contract.js';
import { LiveSpeech } from '../../engine/client/live-speech.js';
import { speakSegments } from '../../engine/client/segment-speech.js';
import type { CommandEngine } from '../../src/cli/load-engine.js';
import type {
  SpeakOptions,
  SpeechChunk,
  SpeechContext,
  SpeechEngine,
  SpeechInput,
} from '../../tts/types.js';
import { createSampleCodec } from './sample-codec.js';
import { sine } from './tones.js';
import { testVoice } from './voices.js';

const CHUNK_SAMPLES = 4_800;

/**
 * Stands in for the engine where a test must decide when speech comes, fails or hangs: 200 ms of tone
 * per character, which is a word, 440 Hz for the first voice and 880 for the second. "§" is silence that is not even
 * a sample long, "!" in the middle of a text fails, "~" never comes.
 */
export class ToneEngine implements CommandEngine {
  readonly sampleRate = 24_000;
  readonly device = 'cpu';
  readonly voices = [testVoice('low'), testVoice('high', ['fable'])];
  /** The calls so far. */
  readonly calls: { text: string; options: SpeakOptions }[] = [];
  /** Chunks made so far, over all calls. */
  numChunks = 0;
  /** Calls at work now. */
  numActive = 0;
  isClosed = false;
  stages: SpeechEngine['stages'];

  constructor(readonly chunkMs = 0) {}

  speak(input: SpeechInput, options: SpeakOptions = {}): AsyncIterable<SpeechChunk, undefined> {
    const { sampleRate, voices } = this;
    const engine = { sampleRate, voices, speak: this.#speakText.bind(this) };
    return typeof input === 'object' && 'segments' in input
      ? speakSegments(engine, input.segments, options)
      : this.#speakText(input, options);
  }

  open(options: SpeakOptions = {}): SpeechContext {
    const leaving = new AbortController();
    const speech = new LiveSpeech((text) =>
      this.#speakPieces(text, { ...options, signal: leaving.signal }),
    );
    const cancel = speech.cancel.bind(speech);
    speech.cancel = () => {
      // a generator that waits hears of its end only after the wait
      leaving.abort();
      cancel();
    };
    return speech;
  }

  async *#speakPieces(
    pieces: AsyncIterable<string | { flush: number }>,
    options: SpeakOptions,
  ): AsyncGenerator<SpeechChunk, undefined, undefined> {
    for await (const piece of pieces) {
      if (typeof piece === 'string') {
        yield* this.#speakText(piece, options);
      } else {
        yield { samples: new Float32Array(0), words: [], marks: [], flushed: piece.flush };
      }
    }
    return undefined;
  }

  async *#speakText(
    text: string | AsyncIterable<string>,
    options: SpeakOptions,
  ): AsyncGenerator<SpeechChunk, undefined, undefined> {
    const whole = typeof text === 'string' ? text : await collect(text);
    this.calls.push({ text: whole, options });
    this.numActive++;
    let numChunks = 0;
    try {
      for (const character of whole) {
        await this.#pause(character === '~' ? 1e9 : this.chunkMs, options.signal);
        if (character === '!') {
          throw new Error(`a bug that quotes ${whole}`);
        }
        if (character !== '§') {
          this.numChunks++;
          const frequency = options.voice === 'high' ? 880 : 440;
          const startSeconds = (numChunks++ * CHUNK_SAMPLES) / this.sampleRate;
          const endSeconds = startSeconds + CHUNK_SAMPLES / this.sampleRate;
          const words = [{ word: character, startSeconds, endSeconds }];
          yield { samples: sine(CHUNK_SAMPLES, frequency), words, marks: [] };
        }
      }
    } finally {
      this.numActive--;
    }
    if (numChunks === 0) {
      throw new SpeechError('TEXT_EMPTY', 'text has no words; it must hold something to speak.');
    }
    return undefined;
  }

  loadCodec(kind: CodecKind): Promise<Codec> {
    return Promise.resolve(createSampleCodec(kind));
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(finish, Math.min(ms, 2 ** 30));
      function finish() {
        signal?.removeEventListener('abort', cancel);
        resolve();
      }
      function cancel() {
        clearTimeout(timer);
        reject(new SpeechError('CANCELLED', 'The speech was cancelled.'));
      }
      if (signal?.aborted === true) {
        cancel();
      }
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }
}

async function collect(text: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const part of text) {
    whole += part;
  }
  return whole;
}
