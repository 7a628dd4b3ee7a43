import { SpeechError } from '../../base/errors.js';
import { clampSpeed } from '../../tts/time-stretch/index.js';
import type { SpeakOptions, SpeechChunk, SpeechSegment, VoiceInfo } from '../../tts/types.js';

/** What speaks single texts; an `Engine` is one. */
export type TextSpeaker = {
  readonly sampleRate: number;
  readonly voices: readonly VoiceInfo[];
  speak(text: string, options: SpeakOptions): AsyncIterable<SpeechChunk, undefined>;
};

/**
 * Speaks the segments of a document as one stream: samples without a gap, times of words from the
 * start of the whole, silence where a segment asks for it. The next segment is begun when the one
 * before has given its last chunk, also while the consumer is still busy with that.
 *
 * @param engine - Speaks each segment.
 * @param segments - Any number; those without words count by their pauses alone.
 * @param options - As for one text; voice and speed are those of segments without their own.
 * @returns Chunks. The iterator throws {@link SpeechError} as that of one text: `VOICE_UNKNOWN` also
 * for a segment's voice, before anything is spoken; `TEXT_EMPTY` if no segment has words.
 */
export function speakSegments(
  engine: TextSpeaker,
  segments: readonly SpeechSegment[],
  options: SpeakOptions = {},
): AsyncIterableIterator<SpeechChunk, undefined> {
  return new SegmentSpeech(engine, segments, options);
}

class SegmentSpeech implements AsyncIterableIterator<SpeechChunk, undefined> {
  readonly #engine: TextSpeaker;
  readonly #segments: readonly SpeechSegment[];
  readonly #options: SpeakOptions;
  #index = 0;
  #current: AsyncIterator<SpeechChunk, undefined> | undefined;
  /** The current segment's first chunk, asked for when the segment was begun. */
  #first: Promise<IteratorResult<SpeechChunk, undefined>> | undefined;
  /** What comes after a silence that is still to be given. */
  #held: SpeechChunk | undefined;
  #numSilent = 0;
  #numSamples = 0;
  /** Where the current segment's speech began; undefined until it does. */
  #segmentStart: number | undefined;
  #hasSpoken = false;
  #isClosed = false;
  /** One chunk ahead of the consumer. */
  #ahead: Promise<SpeechChunk | undefined> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(engine: TextSpeaker, segments: readonly SpeechSegment[], options: SpeakOptions) {
    this.#engine = engine;
    this.#segments = segments;
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next chunk. @throws {SpeechError} Once, what ended the speech early. */
  next(): Promise<IteratorResult<SpeechChunk, undefined>> {
    const result = this.#turn.then(() => this.#take());
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Ends the speech at once, also while a `next` is waiting for the engine. */
  return(): Promise<IteratorResult<SpeechChunk, undefined>> {
    this.#isClosed = true;
    // a generator that waits answers only later; nobody waits for it here
    void Promise.resolve(this.#current?.return?.()).catch(() => undefined);
    return Promise.resolve({ done: true, value: undefined });
  }

  async #take(): Promise<IteratorResult<SpeechChunk, undefined>> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const chunk = this.#isClosed ? undefined : await (ahead ?? this.#read());
    if (this.#isClosed || chunk === undefined) {
      return { done: true, value: undefined };
    }
    this.#ahead = this.#read();
    this.#ahead.catch(() => undefined);
    return { done: false, value: chunk };
  }

  async #read(): Promise<SpeechChunk | undefined> {
    try {
      return await this.#readOn();
    } catch (error) {
      // the error is told once, then it is over
      this.#index = this.#segments.length;
      this.#hasSpoken = true;
      this.#held = undefined;
      this.#numSilent = 0;
      throw error;
    }
  }

  async #readOn(): Promise<SpeechChunk | undefined> {
    if (this.#index === 0 && this.#current === undefined) {
      this.#checkVoices();
      this.#begin();
    }
    while (!this.#isClosed) {
      if (this.#hasSpoken && this.#numSilent > 0) {
        return this.#silence();
      }
      if (this.#held !== undefined) {
        return this.#give(this.#held);
      }
      if (this.#index >= this.#segments.length) {
        break;
      }
      const chunk = await this.#nextChunk();
      if (chunk === undefined) {
        this.#advance();
      } else {
        this.#held = chunk;
        this.#hasSpoken = true;
      }
    }
    if (!this.#isClosed && !this.#hasSpoken) {
      throw new SpeechError('TEXT_EMPTY', 'The document has no words; it must hold text to speak.');
    }
    return undefined;
  }

  /** Undefined at the end of the segment. One without words is at its end at once. */
  async #nextChunk(): Promise<SpeechChunk | undefined> {
    try {
      const first = this.#first;
      this.#first = undefined;
      const { done, value } = await (first ?? this.#current!.next());
      return done === true ? undefined : value;
    } catch (error) {
      if (error instanceof SpeechError && error.code === 'TEXT_EMPTY') {
        return undefined;
      }
      throw error;
    }
  }

  #advance(): void {
    const { pauseSeconds = 0 } = this.#segments[this.#index]!;
    this.#numSilent += Math.round(pauseSeconds * this.#engine.sampleRate);
    this.#index++;
    this.#begin();
  }

  /** Begins the segment at hand, so that it is at work while what came before is consumed. */
  #begin(): void {
    this.#segmentStart = undefined;
    const segment = this.#segments[this.#index];
    if (segment === undefined) {
      this.#current = undefined;
      return;
    }
    const chunks = this.#engine.speak(segment.text, this.#optionsOf(segment));
    this.#current = chunks[Symbol.asyncIterator]();
    this.#first = this.#current.next();
    this.#first.catch(() => undefined);
  }

  #optionsOf({ voice, speed = 1 }: SpeechSegment): SpeakOptions {
    const product = (this.#options.speed ?? 1) * speed;
    return {
      ...this.#options,
      ...(voice === undefined ? {} : { voice }),
      // a wrong speed of the whole is the engine's to refuse
      ...(speed === 1 ? {} : { speed: clampSpeed(product) }),
    };
  }

  #silence(): SpeechChunk {
    if (this.#options.signal?.aborted === true) {
      throw new SpeechError('CANCELLED', 'The speech was cancelled.');
    }
    // a second at a time: a pause costs constant memory
    const length = Math.min(this.#numSilent, this.#engine.sampleRate);
    this.#numSilent -= length;
    this.#numSamples += length;
    return { samples: new Float32Array(length), words: [], marks: [] };
  }

  #give({ samples, words }: SpeechChunk): SpeechChunk {
    this.#held = undefined;
    this.#segmentStart ??= this.#numSamples;
    const offsetSeconds = this.#segmentStart / this.#engine.sampleRate;
    this.#numSamples += samples.length;
    return {
      samples,
      words: words.map(({ word, startSeconds, endSeconds }) => ({
        word,
        startSeconds: startSeconds + offsetSeconds,
        endSeconds: endSeconds + offsetSeconds,
      })),
      marks: [],
    };
  }

  #checkVoices(): void {
    const known = this.#engine.voices.map(({ id }) => id);
    for (const { voice } of this.#segments) {
      if (voice !== undefined && known.length > 0 && !known.includes(voice)) {
        throw new SpeechError(
          'VOICE_UNKNOWN',
          `voice is ${JSON.stringify(voice.slice(0, 40))}; the voices are ${known.join(', ')}.`,
        );
      }
    }
  }
}
