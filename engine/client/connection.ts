import { Worker } from 'node:worker_threads';
import { errorFromBody, SpeechError, toSpeechError } from '../../base/errors.js';
import { disableTelemetry } from '../../kernels/runtime/telemetry.js';
import type { Stage, StageTotals } from '../../tts/pipeline/stage-clock.js';
import type { VoiceInfo } from '../../tts/types.js';
import type {
  CodecCalls,
  CodecCommand,
  EngineCommand,
  EngineEvent,
  EngineWorkerData,
  SpeechEvent,
} from '../protocol.js';
import { DictionarySender } from './speak-dictionaries.js';

/**
 * How long a worker may take to end by itself before it is ended, in milliseconds. Far more than a
 * network runs, also on a busy machine: ending a thread in which one runs aborts the process.
 */
const CLOSE_TIMEOUT_MS = 30_000;

/** Receives the events of one stream of speech, and the error that ended the worker, if one did. */
export type SpeechListener = {
  receive(event: SpeechEvent): void;
  fail(error: SpeechError): void;
};

type PendingCall = { resolve: (value: unknown) => void; reject: (error: SpeechError) => void };

/** The main thread's end of one engine worker, from its start to its exit. */
export class EngineConnection {
  /** What the worker knows of users' dictionaries. */
  readonly dictionaries = new DictionarySender((command) => {
    this.send(command);
  });
  /** What the stages of speech took since the worker's start, as far as it was told. */
  stages: Readonly<Record<Stage, StageTotals>> | undefined;
  readonly #worker: Worker;
  readonly #listeners = new Map<number, SpeechListener>();
  readonly #calls = new Map<number, PendingCall>();
  readonly #ready: Promise<{ voices: VoiceInfo[]; device: string }>;
  readonly #exited: Promise<void>;
  #resolveReady!: (value: { voices: VoiceInfo[]; device: string }) => void;
  #rejectReady!: (error: SpeechError) => void;
  #failure: SpeechError | undefined;
  #isClosing = false;
  #nextNumber = 1;

  /** Starts a worker. @param data - What it is to load. @param script - The worker's code. */
  constructor(data: EngineWorkerData, script: URL) {
    this.#ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    // whoever never asks whether it is ready must not bring the process down
    this.#ready.catch(() => undefined);
    disableTelemetry();
    this.#worker = new Worker(script, { workerData: data });
    this.#worker.on('message', (event: EngineEvent) => {
      this.#receive(event);
    });
    this.#worker.on('error', (cause) => {
      this.#fail(crash(cause));
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#fail(
          this.#isClosing
            ? new SpeechError('ENGINE_CLOSED', 'The engine was closed.')
            : crash(undefined),
        );
        resolve();
      });
    });
  }

  /** Whether the worker can still be asked for anything. */
  get isAlive(): boolean {
    return this.#failure === undefined && !this.#isClosing;
  }

  /**
   * Waits until the models are loaded.
   *
   * @throws {SpeechError} What the loading failed with, or `ENGINE_CRASHED`.
   */
  ready(): Promise<{ voices: VoiceInfo[]; device: string }> {
    return this.#ready;
  }

  /** Opens a stream of speech. @returns Its number, for commands. */
  open(listener: SpeechListener): number {
    const speech = this.#nextNumber++;
    const failure = this.#failure;
    if (failure === undefined) {
      this.#listeners.set(speech, listener);
    } else {
      queueMicrotask(() => {
        listener.fail(failure);
      });
    }
    return speech;
  }

  /** Forgets a stream of speech; its events are dropped from now on. */
  forget(speech: number): void {
    this.#listeners.delete(speech);
  }

  /** Sends a command; to a worker that is gone it does nothing, since all who listened know. */
  send(command: EngineCommand): void {
    if (this.#failure === undefined) {
      this.#worker.postMessage(command);
    }
  }

  /**
   * Calls one of the worker's codecs.
   *
   * @param method - See {@link CodecCalls}.
   * @param args - Its arguments; what they hold is copied.
   * @returns What it returns.
   * @throws {SpeechError} What it throws; `ENGINE_CRASHED` or `ENGINE_CLOSED` if the worker ends.
   */
  call<Method extends keyof CodecCalls>(
    method: Method,
    ...args: Parameters<CodecCalls[Method]>
  ): Promise<ReturnType<CodecCalls[Method]>> {
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure);
    }
    const call = this.#nextNumber++;
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve: resolve as PendingCall['resolve'], reject });
      this.send({ type: 'codec', call, method, args } as CodecCommand);
    });
  }

  /** Ends the worker and every stream in it. Resolves when it is gone. */
  async close(): Promise<void> {
    if (!this.#isClosing && this.#failure === undefined) {
      this.send({ type: 'close' });
    }
    this.#isClosing = true;
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #receive(event: EngineEvent): void {
    switch (event.type) {
      case 'ready':
        this.#resolveReady({ voices: event.voices, device: event.device });
        break;
      case 'stages':
        this.stages = event.totals;
        break;
      case 'loadFailed':
        this.#isClosing = true;
        this.#fail(errorFromBody(event.error));
        break;
      case 'returned':
        this.#takeCall(event.call)?.resolve(event.value);
        break;
      case 'threw':
        this.#takeCall(event.call)?.reject(errorFromBody(event.error));
        break;
      default:
        this.#listeners.get(event.speech)?.receive(event);
    }
  }

  #takeCall(call: number): PendingCall | undefined {
    const pending = this.#calls.get(call);
    this.#calls.delete(call);
    return pending;
  }

  /** Ends everything that waits for the worker, once. */
  #fail(error: SpeechError): void {
    if (this.#failure !== undefined) {
      return;
    }
    this.#failure = error;
    this.#rejectReady(error);
    for (const { reject } of this.#calls.values()) {
      reject(error);
    }
    this.#calls.clear();
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of listeners) {
      listener.fail(error);
    }
  }
}

function crash(cause: unknown): SpeechError {
  return new SpeechError(
    'ENGINE_CRASHED',
    'The engine stopped unexpectedly; the next request starts it again.',
    { reason: cause === undefined ? 'exit' : toSpeechError(cause).code },
    { cause },
  );
}
