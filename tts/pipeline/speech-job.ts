import { joinSamples } from '../../base/arrays.js';
import { SpeechError } from '../../base/errors.js';
import type { LatentDecoderStream } from '../../codecs/index.js';
import type { FlowStream, FlowToken } from '../flow/index.js';
import type { LanguageModelStream, Step } from '../language-model/index.js';
import type { Dictionary } from '../text/index.js';
import { TimeStretch } from '../time-stretch/index.js';
import type { SpeechChunk, SpeechRequest } from '../types.js';
import { ChunkSizes } from './chunk-sizes.js';
import type { Job, JobTask } from './scheduler.js';
import type { Sentence } from './sentence.js';
import { SentenceQueue, type TextPush } from './sentence-queue.js';
import type { SpeechModels } from './speech-models.js';
import { packSnapshot, type StreamSnapshot } from './snapshot.js';
import type { StageClock } from './stage-clock.js';
import { TokenGate } from './token-gate.js';
import { TextTrack } from './text-track.js';
import { WordClock } from './word-clock.js';

/** Seconds of audio that may wait for the consumer. */
const MAX_AHEAD_SECONDS = 4;

const SAMPLE_RATE = 24000;
const TOKEN_SECONDS = 0.04;

const NO_SAMPLES = new Float32Array(0);

/** A listener who will have heard all within so many seconds gets what is made without waiting for more. */
const HURRY_SECONDS = 0.1;

/** What a run of the networks is to make audio of. */
export type AudioPiece = {
  flow: FlowStream;
  decoder: LatentDecoderStream;
  /** For the flow decoder; none when only the end of those before is left to make. */
  tokens: readonly FlowToken[];
  /** No token follows. */
  isLast: boolean;
};

/** Where a job's events go. */
export type JobSink = {
  /** The job can use more text: answer with `pushText`. */
  wantText(): void;
  chunk(chunk: SpeechChunk): void;
  /** The last event of a speech that was spoken to its end. */
  end(): void;
  /** The last event of a speech that failed. */
  fail(error: unknown): void;
};

/** One text on its way to audio, inside the engine worker. */
export class SpeechJob implements Job {
  readonly #request: SpeechRequest;
  readonly #models: SpeechModels;
  readonly #sink: JobSink;
  readonly #stages: StageClock;
  /** Sentences to be spoken, the current one first. */
  readonly #sentences: SentenceQueue;
  readonly #language: LanguageModelStream;
  readonly #flow: FlowStream;
  readonly #decoder: LatentDecoderStream;
  readonly #lookahead: number;
  /** When the middle of a token's 40 ms is heard, less half of them. */
  readonly #offsetSeconds: number;
  readonly #stretch: TimeStretch;
  readonly #gate = new TokenGate<FlowToken>();
  readonly #clock = new WordClock();
  readonly #track = new TextTrack();
  readonly #sizes: ChunkSizes;
  /** Tokens that the flow decoder has not had yet. */
  readonly #tokens: FlowToken[] = [];
  #isTextWanted = false;
  /** Whether nothing but silence is left to give since the last flush. */
  #isResting = false;
  #isDone = false;
  /** Whether a run of a network holds its state. */
  #isRunning = false;
  /** Tokens that passed the gate, and those that the flow decoder has had. */
  #numPassed = 0;
  #numRendered = 0;
  /** Samples made so far, at natural speed and at the speed asked for; those that were taken. */
  #numNatural = 0;
  #numMade = 0;
  #numConsumed = 0;
  /** What was made since the last chunk, at natural speed, and the tokens it came of. */
  #collected: Float32Array[] = [];
  #numCollected = 0;
  /** Tokens of the run that is on, and whether there were as many as it wanted. */
  #numInRun = 0;
  #isRunFull = false;
  /** When the listener began to hear, had it never run dry; at first 0, since nobody is served before it. */
  #startSeconds = 0;

  /**
   * @param models - Shared by all jobs.
   * @param request - Checked options.
   * @param sink - Where the events go.
   * @param dictionaries - A user's pronunciations, later ones before earlier ones.
   * @param countListeners - See {@link ChunkSizes}.
   * @throws {SpeechError} `VOICE_UNKNOWN`.
   */
  constructor(
    models: SpeechModels,
    request: SpeechRequest,
    sink: JobSink,
    dictionaries: readonly Dictionary[] = [],
    countListeners: () => number = () => 1,
  ) {
    const { voice, seed, temperature, speed, isLive, isContinued = false } = request;
    this.#request = request;
    this.#models = models;
    this.#sink = sink;
    this.#stages = models.clock;
    const { reach } = models.language;
    this.#sentences = new SentenceQueue(models.text.stream(dictionaries), {
      isLive,
      reach,
      isContinued,
    });
    this.#language = models.language.stream({ voice, seed, temperature });
    this.#flow = models.flow.stream({ voice, seed });
    this.#decoder = models.latents.stream();
    // streams that share runs do not wait for each other's turns
    this.#sizes = new ChunkSizes(this.#sharesRuns ? () => 1 : countListeners);
    this.#lookahead = models.flow.config.lookahead;
    this.#offsetSeconds = models.language.config.pointerOffset / SAMPLE_RATE - TOKEN_SECONDS / 2;
    this.#stretch = new TimeStretch(speed);
  }

  /** Whether the job has ended, failed or was cancelled. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** When the listener will have heard all that was made, in seconds of `performance.now`. */
  get deadlineSeconds(): number {
    return this.#startSeconds + this.#numMade / SAMPLE_RATE;
  }

  /** What the job needs next; `none` while it waits for text or is more than 4 s ahead of the consumer. */
  get task(): JobTask {
    if (this.#isDone || this.#numMade - this.#numConsumed > MAX_AHEAD_SECONDS * SAMPLE_RATE) {
      return 'none';
    }
    const numReady = this.#numReady;
    if (numReady >= (this.#sharesRuns ? 1 : this.#sizes.next)) {
      return 'audio';
    }
    const { first } = this.#sentences;
    if (this.#sentences.isUnread || (first !== undefined && this.#canSpeak(first))) {
      return 'tokens';
    }
    // without more text: all there is, at the end; otherwise what needs no token that is unknown yet
    if (this.#sentences.isOver || this.#sentences.dueFlush !== undefined) {
      return 'audio';
    }
    return numReady > 0 || this.#collected.length > 0 ? 'audio' : 'none';
  }

  /** Whether runs are of a fixed size and shared with other jobs; a chunk then takes several. */
  get #sharesRuns(): boolean {
    return this.#flow.numWanted !== undefined;
  }

  /** Tokens of which audio can be made now. */
  get #numReady(): number {
    const { numWanted } = this.#flow;
    if (numWanted === undefined) {
      return this.#tokens.length - this.#numOwed;
    }
    return this.#tokens.length < numWanted ? 0 : numWanted;
  }

  #canSpeak(sentence: Sentence): boolean {
    return !sentence.isBegun || sentence.hasPiece || this.#language.canAdvance;
  }

  /** Tokens that the flow decoder takes before it gives anything for the next one. */
  get #numOwed(): number {
    return Math.max(0, this.#lookahead - this.#numRendered);
  }

  /**
   * Takes the beginning of the text, and more in answer to `wantText`. Its beginning is read; what is wrong with the rest comes
   * to light when that is read, in `prepareTokens`.
   *
   * @param push - The text.
   * @throws {SpeechError} `TEXT_EMPTY` if the whole text has nothing to speak and is not live; what the
   * text front end throws.
   */
  async pushText(push: TextPush): Promise<void> {
    this.#isTextWanted = false;
    await this.#stages.time('text', () => this.#sentences.push(push));
    this.#askForText();
  }

  /** The consumer took audio. @param numSamples - How many samples more. */
  consume(numSamples: number): void {
    this.#numConsumed += numSamples;
  }

  /**
   * Makes the language model's next steps ready.
   *
   * @param models - The shared models.
   * @returns The stream to advance, which stands in a sentence; undefined if there is none to be spoken
   * on before more text comes.
   * @throws {SpeechError} As `pushText` does.
   */
  async prepareTokens(models: SpeechModels): Promise<LanguageModelStream | undefined> {
    if (this.#sentences.isUnread) {
      await this.#stages.time('text', () => this.#sentences.readAhead());
    }
    this.#askForText();
    const sentence = this.#sentences.first;
    if (sentence === undefined) {
      return undefined;
    }
    for (let piece = sentence.takePiece(); piece !== undefined; piece = sentence.takePiece()) {
      const { phoneIds, wordStarts, skip, maxDwell } = piece;
      const encode = () => models.language.encode(phoneIds, wordStarts);
      const encoded = await this.#stages.time('text', encode);
      const { dim } = models.language.config;
      const rows = encoded.subarray(skip * dim, (skip + maxDwell.length) * dim);
      const isWhole = sentence.isWhole && !sentence.hasPiece;
      if (sentence.isBegun) {
        this.#language.extend(rows, maxDwell, isWhole);
      } else {
        this.#language.begin(rows, maxDwell, isWhole);
        sentence.isBegun = true;
      }
    }
    if (this.#language.isAtEnd) {
      // the pointer had left the last phones before it was known that they are the last
      this.#endSentence(sentence);
    }
    return this.#language.canAdvance ? this.#language : undefined;
  }

  /** Takes the tokens of the language model's steps. @param steps - In order; none after the end. */
  acceptTokens(steps: readonly Step[]): void {
    const sentence = this.#sentences.first;
    if (sentence === undefined) {
      return;
    }
    for (const { token, pointer } of steps) {
      const spoken = { token, phone: sentence.phoneIdOf(pointer) };
      this.#numPassed += this.#gate.push(spoken, sentence.placeOf(pointer), this.#tokens);
      const wordIndex = sentence.wordIndexOf(pointer);
      const seconds = this.#secondsOf(this.#numPassed - 1);
      this.#clock.observe(seconds, wordIndex, sentence.words);
      // the pointer may have jumped into the middle of a word
      this.#track.observe(seconds, sentence.words[wordIndex]?.start ?? -1);
      this.#track.observe(seconds, sentence.offsetOf(pointer));
    }
    this.#isResting = false;
    if (this.#language.isAtEnd) {
      this.#endSentence(sentence);
    }
  }

  #endSentence(sentence: Sentence): void {
    const seconds = this.#secondsOf(this.#numPassed);
    this.#clock.endSentence(seconds, sentence.words);
    this.#track.observe(seconds, sentence.end);
    this.#sentences.shift();
    this.#askForText();
  }

  /**
   * Goes on from where another job stood; to be called before anything else.
   *
   * @param snapshot - Of a job of the same models, with the request that this one has.
   * @throws {SpeechError} `STATE_INVALID` if it does not fit the models.
   */
  async restore(snapshot: StreamSnapshot): Promise<void> {
    const { job, tokens, gate, stretch, language, flow, decoder } = snapshot;
    this.#checkTokens([
      ...tokens,
      ...gate.held,
      ...flow.held,
      ...(gate.silence ? [gate.silence] : []),
    ]);
    this.#checkTokens([{ token: language.token, phone: 0 }]);
    this.#numPassed = job.numPassed;
    this.#numRendered = job.numRendered;
    this.#numNatural = job.numNatural;
    this.#numMade = job.numMade;
    this.#numConsumed = job.numMade;
    // whoever listens waits, as at the beginning of any speech
    this.#startSeconds = -job.numMade / SAMPLE_RATE;
    this.#tokens.push(...tokens);
    this.#isResting = true;
    this.#gate.restore(gate);
    this.#stretch.restore({ ...stretch, samples: snapshot.stretchSamples });
    this.#language.token = language.token;
    this.#language.numSteps = language.numSteps;
    this.#flow.restore(flow);
    this.#decoder.restore({ ...decoder, held: snapshot.decoderHeld, last: snapshot.decoderLast });
    await this.#language.state.restore(snapshot.languageState);
    await this.#flow.state.restore(snapshot.flowState);
    await this.#decoder.state.restore(snapshot.decoderState);
  }

  #checkTokens(tokens: readonly FlowToken[]): void {
    const { padToken, numPhones } = this.#models.flow.config;
    if (tokens.some(({ token, phone }) => token > padToken || phone >= numPhones)) {
      throw new SpeechError(
        'STATE_INVALID',
        'The snapshot holds tokens that the models do not have.',
      );
    }
  }

  /** Where the job stands; nothing must be half spoken. */
  async #snapshot(): Promise<Uint8Array> {
    const { voice, seed, speed, temperature } = this.#request;
    const { samples, ...stretch } = this.#stretch.snapshot();
    const { held, last, ...decoder } = this.#decoder.snapshot();
    return packSnapshot({
      models: this.#models.identity,
      request: { voice, seed, speed, temperature },
      job: {
        numPassed: this.#numPassed,
        numRendered: this.#numRendered,
        numNatural: this.#numNatural,
        numMade: this.#numMade,
      },
      tokens: [...this.#tokens],
      gate: this.#gate.snapshot(),
      stretch,
      language: { token: this.#language.token, numSteps: this.#language.numSteps },
      flow: this.#flow.snapshot(),
      decoder,
      stretchSamples: samples,
      languageState: await this.#language.state.snapshot(),
      flowState: await this.#flow.state.snapshot(),
      decoderState: await this.#decoder.state.snapshot(),
      decoderHeld: held,
      decoderLast: last,
    });
  }

  /** A run of a network begins, which needs the job's states until {@link release}. */
  hold(): void {
    this.#isRunning = true;
  }

  /** The run is over; if the job ended in the meantime, its states go now. */
  release(): void {
    this.#isRunning = false;
    if (this.#isDone) {
      this.#close();
    }
  }

  /**
   * Makes the next run of the flow decoder ready, or does what needs none: tells of a flush, hands out
   * what was made, ends the job.
   *
   * @returns What the run is to be made of; undefined if there is none.
   */
  async prepareAudio(): Promise<AudioPiece | undefined> {
    const { dueFlush, isOver } = this.#sentences;
    if (dueFlush !== undefined) {
      this.#numPassed += this.#gate.rest(this.#tokens);
      if (this.#sharesRuns && this.#numReady === 0 && this.#tokens.length > 0) {
        // a run takes two tokens, and the last word is not over before the silence after it
        this.#numPassed += this.#gate.lengthen(1, this.#tokens);
      }
    }
    if (dueFlush !== undefined && this.#numReady <= 0) {
      if (this.#collected.length > 0) {
        this.#emitCollected(this.#numNatural / SAMPLE_RATE);
      }
      this.#sentences.shift();
      this.#sizes.restart();
      this.#isResting = true;
      const snapshot = dueFlush.hasSnapshot ? { snapshot: await this.#snapshot() } : {};
      const nothing = { samples: NO_SAMPLES, words: [], marks: [] };
      if (!this.#isDone) {
        this.#sink.chunk({ ...nothing, flushed: dueFlush.flush, ...snapshot });
      }
      this.#askForText();
      return undefined;
    }
    if (this.#isResting && isOver) {
      this.#end();
      return undefined;
    }
    if (this.#sharesRuns && this.#numReady === 0 && !isOver) {
      this.#emitCollected(this.#numNatural / SAMPLE_RATE);
      // what comes after a lack of text is wanted as soon as the beginning was
      this.#sizes.restart();
      return undefined;
    }
    const wanted = this.#flow.numWanted ?? this.#sizes.next + this.#numOwed;
    const isLast = isOver && this.#tokens.length <= wanted;
    const tokens = this.#tokens.splice(0, wanted);
    this.#numInRun = tokens.length - (this.#sharesRuns ? 0 : this.#numOwed);
    this.#isRunFull = tokens.length === wanted;
    this.#numRendered += tokens.length;
    return { flow: this.#flow, decoder: this.#decoder, tokens, isLast };
  }

  /**
   * Takes the audio of a run.
   *
   * @param decoded - Samples, which may be changed; none while the look-ahead fills.
   * @param isOver - Whether it is the last of the job.
   * @throws {SpeechError} `INTERNAL` if a sample is not a number.
   */
  acceptAudio(decoded: Float32Array, isOver: boolean): void {
    finish(decoded);
    this.#numNatural += decoded.length;
    this.#collected.push(decoded.slice());
    this.#numCollected += this.#numInRun;
    if (this.#isDone) {
      // cancelled in the meantime: nobody listens
      return;
    }
    if (isOver) {
      this.#emitCollected(Infinity, true);
      this.#end();
    } else if (!this.#sharesRuns) {
      this.#emitCollected(this.#numNatural / SAMPLE_RATE);
      if (this.#isRunFull) {
        this.#sizes.grow();
      } else {
        // what comes after a lack of text is wanted as soon as the beginning was
        this.#sizes.restart();
      }
    } else if (this.#numCollected >= this.#sizes.next) {
      this.#emitCollected(this.#numNatural / SAMPLE_RATE);
      this.#sizes.grow();
    } else if (this.#isInHurry) {
      this.#emitCollected(this.#numNatural / SAMPLE_RATE);
    }
  }

  /** Whether the listener, who has heard the beginning, is about to run dry. */
  get #isInHurry(): boolean {
    const secondsLeft = this.deadlineSeconds - performance.now() / 1000;
    return this.#numMade > 0 && secondsLeft < HURRY_SECONDS;
  }

  #emitCollected(untilSeconds: number, isLast = false): void {
    const decoded = joinSamples(this.#collected);
    this.#collected = [];
    this.#numCollected = 0;
    const samples = this.#stretch.push(decoded);
    this.#emit(isLast ? joinSamples([samples, this.#stretch.flush()]) : samples, untilSeconds);
  }

  #end(): void {
    this.#isDone = true;
    this.#sink.end();
  }

  /** Ends the job with an error, which is its last event. */
  fail(error: unknown): void {
    this.#isDone = true;
    this.#close();
    this.#sink.fail(error);
  }

  /** Ends the job without an event. */
  cancel(): void {
    this.#isDone = true;
    if (!this.#isRunning) {
      this.#close();
    }
  }

  #close(): void {
    this.#language.close();
    this.#flow.close();
    this.#decoder.close();
  }

  #emit(samples: Float32Array, untilSeconds: number): void {
    const endSeconds = this.#numNatural / SAMPLE_RATE;
    const words = this.#clock.take(untilSeconds).map(({ word, startSeconds, endSeconds: end }) => ({
      word,
      startSeconds: this.#stretch.mapSeconds(Math.min(startSeconds, endSeconds)),
      endSeconds: this.#stretch.mapSeconds(Math.min(end, endSeconds)),
    }));
    const marks = this.#track.take(untilSeconds).map(({ offset, seconds }) => ({
      offset,
      seconds: this.#stretch.mapSeconds(Math.min(seconds, endSeconds)),
    }));
    if (samples.length === 0 && words.length === 0 && marks.length === 0) {
      return;
    }
    // whoever has run dry hears the rest later: otherwise jobs that are late would keep later ones
    // waiting until they had caught up, which on a busy machine may be never
    const spokenSeconds = this.#numMade / SAMPLE_RATE;
    this.#startSeconds = Math.max(this.#startSeconds, performance.now() / 1000 - spokenSeconds);
    this.#numMade += samples.length;
    this.#sink.chunk({ samples, words, marks });
  }

  /** When a token begins to be heard. */
  #secondsOf(token: number): number {
    return Math.max(0, token * TOKEN_SECONDS + this.#offsetSeconds);
  }

  #askForText(): void {
    if (!this.#isTextWanted && !this.#isDone && this.#sentences.needsText) {
      this.#isTextWanted = true;
      this.#sink.wantText();
    }
  }
}

/** Clips samples to `[-1, 1]`, in place, and makes sure that they are numbers. */
function finish(samples: Float32Array): void {
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!;
    if (!(sample >= -1)) {
      if (Number.isNaN(sample)) {
        throw new SpeechError('INTERNAL', 'The decoder made samples that are not numbers.');
      }
      samples[index] = -1;
    } else if (sample > 1) {
      samples[index] = 1;
    }
  }
}
