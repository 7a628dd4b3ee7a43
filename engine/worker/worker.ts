import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { SpeechError, toSpeechError, type SpeechErrorBody } from '../../base/errors.js';
import { LatentCodec } from '../../codecs/index.js';
import { Runtime } from '../../kernels/index.js';
import type { Scheduler } from '../../tts/pipeline/scheduler.js';
import { SpeechJob, type JobSink } from '../../tts/pipeline/speech-job.js';
import { unpackSnapshot, type StreamSnapshot } from '../../tts/pipeline/snapshot.js';
import { SpeechModels } from '../../tts/pipeline/speech-models.js';
import { speechScheduler } from '../../tts/pipeline/speech-scheduler.js';
import { Dictionary } from '../../tts/text/index.js';
import type { VoiceInfo } from '../../tts/types.js';
import { readVoices } from '../../tts/voices/index.js';
import type { CodecCommand, EngineCommand, EngineEvent, EngineWorkerData } from '../protocol.js';
import { WorkerCodecs } from './codecs.js';
import { warmUp } from './warm-up.js';

/** A step of 40 ms is too little work for more threads than this. */
const MAX_DEFAULT_THREADS = 4;

/** How often it is told what the stages took, in milliseconds. */
const STAGES_MS = 100;

type TextCommand = Extract<EngineCommand, { type: 'speak' | 'text' }>;

type SpeechParts = { models: SpeechModels; scheduler: Scheduler<SpeechJob> };

/** The engine's thread: owns the device and all networks, and obeys `EngineCommand`s. */
class EngineWorker {
  readonly #data: EngineWorkerData;
  readonly #runtime: Runtime;
  readonly #codecs: WorkerCodecs;
  /** Requests that wait for the models. */
  readonly #waiting = new Set<number>();
  readonly #dictionaries = new Map<number, Dictionary>();
  #speech: Promise<SpeechParts> | undefined;
  #scheduler: Scheduler<SpeechJob> | undefined;
  #latents: LatentCodec | undefined;
  #stagesTimer: NodeJS.Timeout | undefined;

  constructor(data: EngineWorkerData, runtime: Runtime) {
    this.#data = data;
    this.#runtime = runtime;
    this.#codecs = new WorkerCodecs(() => this.#latentCodec());
  }

  /** Loads the speech models, once; after a failure the next call tries again. */
  loadSpeech(): Promise<SpeechParts> {
    this.#speech ??= this.#loadSpeech().catch((error: unknown) => {
      this.#speech = undefined;
      throw error;
    });
    return this.#speech;
  }

  obey(command: EngineCommand): void {
    switch (command.type) {
      case 'speak':
        void this.#speak(command);
        break;
      case 'dictionary':
        this.#dictionaries.set(command.dictionary, Dictionary.fromData(command.data));
        break;
      case 'forgetDictionary':
        this.#dictionaries.delete(command.dictionary);
        break;
      case 'text':
        void this.#pushText(command);
        break;
      case 'consumed':
        this.#scheduler?.get(command.speech)?.consume(command.numSamples);
        this.#scheduler?.wake();
        break;
      case 'cancel':
        this.#waiting.delete(command.speech);
        this.#scheduler?.get(command.speech)?.cancel();
        this.#scheduler?.remove(command.speech);
        break;
      case 'codec':
        void this.#callCodec(command);
        break;
      case 'close':
        void this.#close();
        break;
    }
  }

  async #speak(command: Extract<EngineCommand, { type: 'speak' }>): Promise<void> {
    const { speech, request } = command;
    // at once, since the next command may be to forget one
    const dictionaries = command.dictionaries.map((number) => this.#dictionaries.get(number)!);
    try {
      this.#waiting.add(speech);
      const { models, scheduler } = await this.loadSpeech();
      // it may have been cancelled in the meantime
      if (this.#waiting.has(speech)) {
        const countListeners = () => scheduler.numListeners;
        const { resume } = command;
        const snapshot = resume && unpackSnapshot(resume, models.identity);
        const isContinued = snapshot?.gate.hasSpoken ?? false;
        const own = { ...request, ...snapshot?.request, isContinued };
        const job = new SpeechJob(models, own, sinkOf(speech), dictionaries, countListeners);
        if (snapshot !== undefined) {
          await restore(job, snapshot);
        }
        if (!this.#waiting.delete(speech)) {
          job.cancel();
          return;
        }
        scheduler.add(speech, job);
        this.#tellStages(models);
        await this.#pushText(command);
      }
    } catch (error) {
      this.#waiting.delete(speech);
      tell({ type: 'failed', speech, error: body(error) });
    }
  }

  /** Now and again while anything is spoken, and once after it. */
  #tellStages(models: SpeechModels): void {
    if (this.#stagesTimer === undefined) {
      this.#stagesTimer = setTimeout(() => {
        this.#stagesTimer = undefined;
        tell({ type: 'stages', totals: models.clock.totals });
        if ((this.#scheduler?.size ?? 0) > 0) {
          this.#tellStages(models);
        }
      }, STAGES_MS).unref();
    }
  }

  async #loadSpeech(): Promise<SpeechParts> {
    const { modelPath } = this.#data;
    const models = await SpeechModels.load(this.#runtime, modelPath, this.#latentCodec());
    if (this.#data.warmUp) {
      await warmUp(models);
    }
    this.#scheduler = speechScheduler(models);
    return { models, scheduler: this.#scheduler };
  }

  async #pushText({ speech, ...push }: TextCommand): Promise<void> {
    const job = this.#scheduler?.get(speech);
    if (job === undefined) {
      return;
    }
    try {
      await job.pushText(push);
      this.#scheduler?.wake();
    } catch (error) {
      if (!job.isDone) {
        this.#scheduler?.remove(speech);
        job.fail(error);
      }
    }
  }

  async #callCodec(command: CodecCommand): Promise<void> {
    const { call } = command;
    try {
      tell({ type: 'returned', call, value: await this.#codecs.obey(command) });
    } catch (error) {
      tell({ type: 'threw', call, error: body(error) });
    }
  }

  /** One for speech and both tokenizers; a folder that is broken now may be mended next time. */
  #latentCodec(): LatentCodec {
    this.#latents ??= new LatentCodec(this.#runtime, this.#data.modelPath);
    return this.#latents;
  }

  async #close(): Promise<void> {
    // first, so that what is being loaded ends with the next graph
    this.#runtime.stop();
    this.#scheduler?.close();
    await this.#codecs.close();
    await this.#speech?.then(
      ({ models }) => models.close(),
      () => undefined,
    );
    await this.#latents?.close();
    await this.#runtime.close();
    parentPort?.close();
  }
}

function sinkOf(speech: number): JobSink {
  return {
    wantText: () => {
      tell({ type: 'textWanted', speech });
    },
    chunk: (chunk) => {
      // a copy, since what a network made may be a view of memory that it owns
      const samples = chunk.samples.slice();
      tell({ type: 'chunk', speech, chunk: { ...chunk, samples } }, [samples.buffer]);
    },
    end: () => {
      tell({ type: 'end', speech });
    },
    fail: (error) => {
      tell({ type: 'failed', speech, error: body(error) });
    },
  };
}

/** A job that cannot go on from there leaves nothing behind. */
async function restore(job: SpeechJob, snapshot: StreamSnapshot): Promise<void> {
  try {
    await job.restore(snapshot);
  } catch (error) {
    job.cancel();
    throw error;
  }
}

function tell(event: EngineEvent, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(event, transfer);
}

function body(error: unknown): SpeechErrorBody {
  return toSpeechError(error).toJSON();
}

async function start(): Promise<void> {
  if (parentPort === null) {
    throw new SpeechError('INTERNAL', 'The engine worker was not started as a worker.');
  }
  const data = workerData as EngineWorkerData;
  try {
    const { device, precision } = data;
    const { threads = Math.min(MAX_DEFAULT_THREADS, availableParallelism()) } = data;
    const runtime = await Runtime.create({ device, threads, precision });
    const worker = new EngineWorker(data, runtime);
    // before the models are loaded, since the command may be to stop
    parentPort.on('message', (command: EngineCommand) => {
      worker.obey(command);
    });
    if (data.warmUp) {
      await worker.loadSpeech();
    }
    tell({ type: 'ready', voices: listVoices(data), device: runtime.device });
  } catch (error) {
    tell({ type: 'loadFailed', error: body(error) });
    parentPort.close();
  }
}

/** Without the speech models an engine still serves the codecs, so their absence may wait. */
function listVoices({ modelPath, warmUp }: EngineWorkerData): VoiceInfo[] {
  try {
    return readVoices(modelPath);
  } catch (error) {
    if (warmUp) {
      throw error;
    }
    return [];
  }
}

await start();
