import { resolve } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import { findModels } from '../../base/package-root.js';
import type { Codec, CodecKind } from '../../codecs/contract.js';
import { MAX_SEED, MAX_TEMPERATURE } from '../../tts/limits.js';
import type { Stage, StageTotals } from '../../tts/pipeline/stage-clock.js';
import { checkSpeed } from '../../tts/time-stretch/index.js';
import type {
  OpenOptions,
  SpeakOptions,
  SpeechChunk,
  SpeechContext,
  SpeechInput,
  SpeechRequest,
  VoiceInfo,
} from '../../tts/types.js';
import type { EngineWorkerData } from '../protocol.js';
import { EngineConnection } from './connection.js';
import { LiveSpeech } from './live-speech.js';
import { openRemoteCodec } from './remote-codec.js';
import { speakSegments } from './segment-speech.js';
import { readSpeakDictionaries } from './speak-dictionaries.js';
import { Speech } from './speech.js';
import { TextSource, type Flush } from './text-source.js';

export type {
  OpenOptions,
  SpeakOptions,
  SpeechChunk,
  SpeechContext,
  TextMark,
  VoiceInfo,
  WordTime,
} from '../../tts/types.js';

/** How an engine is to run. */
export type EngineOptions = {
  /** Where the networks run; `auto`, the default, takes a GPU only if a trial run on it works. */
  device?: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  /** Threads of the CPU provider, 1 to 256; by default the machine's cores, but at most 4. */
  threads?: number;
  /**
   * Arithmetic of the networks that speak: `quantized` has weights of 4 bits in the language model and
   * of 8 in flow and codec, and rounds what they are multiplied with to 8; `auto`, the default, takes
   * it on the CPU, where it is faster.
   */
  precision?: 'auto' | 'float32' | 'quantized';
  /** Folder with `codec/`, `language-model/`, `flow/`, ...; the package's own `models/` by default. */
  model?: string;
  /**
   * Load the speech models at once and run each, so that the first request is as fast as any; true
   * by default. Where only a codec or the list of voices is wanted, false starts sooner.
   */
  warmUp?: boolean;
  /** Ends the loading with `CANCELLED`, also while a model is read. */
  signal?: AbortSignal;
};

const CODEC_KINDS: readonly unknown[] = ['rvq', 'single'];
const WORKER = new URL('../worker/worker.js', import.meta.url);
const DEVICES: readonly unknown[] = ['auto', 'cpu', 'webgpu', 'cuda'];
const PRECISIONS: readonly unknown[] = ['auto', 'float32', 'quantized'];

/**
 * The speech engine as the main thread sees it. The networks live in a worker thread, because a
 * running network blocks its thread; if that worker dies, its streams fail with `ENGINE_CRASHED` and
 * the next request starts another.
 */
export class Engine {
  /** Hz, of every chunk. */
  readonly sampleRate = 24000;
  /** The voices, the default one first. */
  readonly voices: readonly VoiceInfo[];
  /** The device that was chosen: `cpu`, `webgpu` or `cuda`. */
  readonly device: string;
  readonly #data: EngineWorkerData;
  readonly #worker: URL;
  #connection: EngineConnection;
  #isClosed = false;

  private constructor(
    data: EngineWorkerData,
    worker: URL,
    connection: EngineConnection,
    facts: { voices: VoiceInfo[]; device: string },
  ) {
    this.#data = data;
    this.#worker = worker;
    this.#connection = connection;
    this.voices = facts.voices;
    this.device = facts.device;
  }

  /**
   * Starts an engine and its worker.
   *
   * @param options - Device, threads, precision, models, warm-up.
   * @param worker - The worker's code; tests put something around it.
   * @throws {SpeechError} `OPTION_INVALID`; `FILE_NOT_FOUND` or `MODEL_INVALID` if the models are
   * missing or broken; `DEVICE_UNAVAILABLE`; `CANCELLED` by the signal.
   */
  static async load(options: EngineOptions = {}, worker: URL = WORKER): Promise<Engine> {
    const data = readEngineOptions(options);
    const { signal } = options;
    const checkCancelled = () => {
      if (signal?.aborted === true) {
        throw new SpeechError('CANCELLED', 'The loading of the engine was cancelled.');
      }
    };
    checkCancelled();
    const connection = new EngineConnection(data, worker);
    const onAbort = () => void connection.close();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const facts = await connection.ready();
      checkCancelled();
      return new Engine(data, worker, connection, facts);
    } catch (error) {
      await connection.close();
      checkCancelled();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * What the stages of speech took since the engine's worker was started, some 100 ms late; undefined
   * before the first speech.
   */
  get stages(): Readonly<Record<Stage, StageTotals>> | undefined {
    return this.#connection.stages;
  }

  /**
   * Speaks a text. The request is checked and begins with the first `next`; the consumer's pace is
   * the back-pressure; `return` on the iterator, or leaving a `for await`, cancels it.
   *
   * @param text - Text of any length; or pieces of it as they become known, which are joined as they
   * are, so spaces between words belong into them; or a document, whose segments may have voices,
   * speeds and pauses of their own.
   * @param options - Voice, seed, speed, temperature, dictionary, signal.
   * @returns Chunks, the first one short. The iterator throws {@link SpeechError}:
   * `OPTION_INVALID`, `VOICE_UNKNOWN`, `SPEED_OUT_OF_RANGE`; `TEXT_EMPTY` if there is nothing to
   * speak; `CANCELLED` by the signal; `ENGINE_CRASHED`; `ENGINE_CLOSED`; and what the text's own
   * iterable throws, as it is.
   */
  speak(
    text: SpeechInput,
    options: SpeakOptions = {},
  ): AsyncIterableIterator<SpeechChunk, undefined> {
    if (isDocument(text)) {
      return speakSegments(this, text.segments, options);
    }
    return this.#speak(text, options, false);
  }

  /**
   * Opens a text that is spoken while it is written: a sentence begins as soon as its first few words are
   * known, and is spoken on as the next ones come. `speak` waits for its end, which sounds a little better.
   *
   * @param options - As for `speak`; or `resume`, a snapshot that a flush gave, to go on from there.
   * @returns The text, and its speech as an iterator of chunks, which throws what that of `speak` throws,
   * but not `TEXT_EMPTY`; `STATE_INVALID` if `resume` is no snapshot of these models. Leaving a `for await` cancels it.
   */
  open(options: OpenOptions = {}): SpeechContext {
    return new LiveSpeech((text) => this.#speak(text, options, true));
  }

  #speak(
    text: string | AsyncIterable<string | Flush>,
    options: OpenOptions,
    isLive: boolean,
  ): Speech {
    return new Speech(async () => {
      const { resume } = options;
      checkResume(options);
      const request = { ...this.#readSpeakOptions(options), isLive };
      const dictionaries = readSpeakDictionaries(options.dictionary);
      const source = new TextSource(text);
      const connection = this.#connect();
      await connection.ready();
      return { connection, request, text: source, dictionaries, resume };
    }, options.signal);
  }

  /**
   * Opens one of the codecs, in the engine's worker.
   *
   * @param kind - `rvq` for storage, `single` for the language model's tokens.
   * @throws {SpeechError} `OPTION_INVALID`, `FILE_NOT_FOUND`, `MODEL_INVALID`, `ENGINE_CRASHED`,
   * `ENGINE_CLOSED`.
   */
  async loadCodec(kind: CodecKind): Promise<Codec> {
    if (!CODEC_KINDS.includes(kind)) {
      throw new SpeechError(
        'OPTION_INVALID',
        `kind is ${JSON.stringify(kind)}; the codecs are rvq and single.`,
      );
    }
    return openRemoteCodec(kind, () => this.#connect());
  }

  /** Ends the worker, and every stream with `ENGINE_CLOSED`. Safe to call twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connection.close();
  }

  /** The worker, a new one if the last has died. */
  #connect(): EngineConnection {
    if (this.#isClosed) {
      throw new SpeechError('ENGINE_CLOSED', 'The engine was closed.');
    }
    if (!this.#connection.isAlive) {
      this.#connection = new EngineConnection(this.#data, this.#worker);
    }
    return this.#connection;
  }

  #readSpeakOptions(options: SpeakOptions): Omit<SpeechRequest, 'isLive'> {
    const { voice = this.voices[0]?.id ?? '', seed = 0, speed = 1, temperature } = options;
    // without any voice the models are missing, which their loading then says
    if (this.voices.length > 0 && !this.voices.some(({ id }) => id === voice)) {
      const known = this.voices.map(({ id }) => id).join(', ');
      throw new SpeechError(
        'VOICE_UNKNOWN',
        `voice is ${JSON.stringify(voice.slice(0, 40))}; the voices are ${known}.`,
      );
    }
    if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) {
      throw new SpeechError(
        'OPTION_INVALID',
        `seed is ${String(seed)}; it must be an integer from 0 to ${MAX_SEED}.`,
      );
    }
    checkSpeed(speed);
    if (temperature !== undefined && !(temperature >= 0 && temperature <= MAX_TEMPERATURE)) {
      throw new SpeechError(
        'OPTION_INVALID',
        `temperature is ${String(temperature)}; it must be a number from 0 to ${MAX_TEMPERATURE}.`,
      );
    }
    return { voice, seed, speed, temperature };
  }
}

/** What a snapshot says must not be said again. */
function checkResume({ resume, voice, seed, speed, temperature }: OpenOptions): void {
  if (resume === undefined) {
    return;
  }
  if (!((resume as unknown) instanceof Uint8Array)) {
    throw new SpeechError('OPTION_INVALID', 'resume must be a Uint8Array, as a flush gives it.');
  }
  const given = Object.entries({ voice, seed, speed, temperature }).find(
    ([, value]) => value !== undefined,
  );
  if (given !== undefined) {
    throw new SpeechError(
      'OPTION_INVALID',
      `${given[0]} is given beside resume; a snapshot goes on with its own.`,
    );
  }
}

function isDocument(
  text: SpeechInput,
): text is Extract<SpeechInput, { readonly segments: unknown }> {
  const given: unknown = text;
  return typeof given === 'object' && given !== null && 'segments' in given;
}

function readEngineOptions(options: EngineOptions): EngineWorkerData {
  const { device = 'auto', threads, precision = 'auto', model, warmUp = true } = options;
  if (!DEVICES.includes(device)) {
    throw new SpeechError(
      'OPTION_INVALID',
      `device is ${JSON.stringify(device)}; it must be one of ${DEVICES.join(', ')}.`,
    );
  }
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > 256)) {
    throw new SpeechError(
      'OPTION_INVALID',
      `threads is ${String(threads)}; it must be an integer from 1 to 256.`,
    );
  }
  if (!PRECISIONS.includes(precision)) {
    throw new SpeechError(
      'OPTION_INVALID',
      `precision is ${JSON.stringify(precision)}; it must be one of ${PRECISIONS.join(', ')}.`,
    );
  }
  const modelPath = model === undefined ? findModels() : resolve(model);
  return { device, threads, precision, modelPath, warmUp };
}
