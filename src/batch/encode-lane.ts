import { joinSamples } from '../../base/arrays.js';
import type { Codec, Codes } from '../../codecs/contract.js';
import type { LntEncodeOptions } from '../../codecs/lnt/lnt-encoder.js';
import { openAudio } from '../audio/read-audio.js';
import { encodeFile, packLnt } from '../files/codec-files.js';
import { existsAlready, OutputFile, writeWholeFile } from '../files/output-file.js';
import { exists, isOfRun, readSoundLnt, type ExistingPolicy } from './existing.js';
import type { ManifestEntry } from './manifest.js';
import type { Task } from './plan.js';
import { entryOfFailure, type Lane, type NextTask } from './run-lanes.js';

/** What a lane does with its files. */
export type EncodeSettings = LntEncodeOptions & {
  existing: ExistingPolicy;
  signal: AbortSignal;
};

/** Recordings up to so many seconds are encoded several at a time. */
const SHORT_SECONDS = 30;
/** Seconds of audio that are encoded together; more would leave other lanes idle at the end. */
const BATCH_SECONDS = 40;
/** Files with nothing to encode after which they are told of. */
const MAX_DONE = 32;

/** A recording as far as it was read. */
type Opened = {
  task: Task;
  warnings: string[];
  /** All of it, if it is short; else its beginning. */
  pieces: Float32Array[];
  numSamples: number;
  /** What comes after the beginning of a long one. */
  rest: AsyncGenerator<Float32Array, void, undefined> | undefined;
};

type Batch = { short: Opened[]; long: Opened | undefined; done: ManifestEntry[]; isLast: boolean };

/**
 * Makes a lane that encodes audio files into token files. Short ones go through the networks together; meanwhile the
 * next are read and the last written.
 *
 * @param codec - The lane's own.
 * @param settings - What to keep, and what to do about results that are there.
 */
export function encodeLane(codec: Codec, settings: EncodeSettings): Lane {
  return async (next, tell) => {
    let reading = collect(codec, settings, next);
    let writing: Promise<void> = Promise.resolve();
    // a failure of the reading or the writing is met when its turn comes
    reading.catch(() => undefined);
    try {
      for (let isOver = false; !isOver;) {
        const batch = await reading;
        isOver = batch.isLast;
        if (!isOver) {
          reading = collect(codec, settings, next);
          reading.catch(() => undefined);
        }
        const { numCodebooks = codec.numCodebooks } = settings;
        const pcms = batch.short.map(({ pieces }) => joinSamples(pieces));
        const tokens = await codec.encodeBatch(pcms, { numCodebooks });
        await writing;
        writing = finish(codec, settings, batch, tokens, tell);
        writing.catch(() => undefined);
        if (batch.long !== undefined) {
          await writing;
          await tell(await encodeLong(codec, settings, batch.long));
        }
      }
      await writing;
    } finally {
      await writing.catch(() => undefined);
      const left = await reading.catch(() => undefined);
      await left?.long?.rest?.return();
    }
  };
}

/** Writes the files whose tokens are there, and tells of them and of those that needed none. */
async function finish(
  codec: Codec,
  settings: EncodeSettings,
  { short, done }: Batch,
  tokens: readonly Codes[],
  tell: (entry: ManifestEntry) => Promise<void>,
): Promise<void> {
  for (const entry of done) {
    await tell(entry);
  }
  for (const [index, codes] of tokens.entries()) {
    await tell(await writeShort(codec, settings, short[index]!, codes));
  }
}

/** Reads files until there is enough for the networks. */
async function collect(codec: Codec, settings: EncodeSettings, next: NextTask): Promise<Batch> {
  const batch: Batch = { short: [], long: undefined, done: [], isLast: false };
  let seconds = 0;
  while (seconds < BATCH_SECONDS && batch.done.length < MAX_DONE && batch.long === undefined) {
    const task = next();
    if (task === undefined) {
      batch.isLast = true;
      break;
    }
    const opened = await open(codec, settings, task);
    if ('status' in opened) {
      batch.done.push(opened);
    } else if (opened.rest === undefined) {
      batch.short.push(opened);
      seconds += opened.numSamples / codec.sampleRate;
    } else {
      batch.long = opened;
    }
  }
  return batch;
}

async function open(
  codec: Codec,
  settings: EncodeSettings,
  task: Task,
): Promise<Opened | ManifestEntry> {
  const { signal, numCodebooks = codec.numCodebooks } = settings;
  try {
    if (settings.existing === 'refuse' && (await exists(task.output))) {
      throw existsAlready(task.output);
    }
    const file = settings.existing === 'resume' ? await readSoundLnt(task.output) : undefined;
    if (file !== undefined && isOfRun(file, codec, numCodebooks, settings.tables)) {
      const { numSamples, numBytes } = file;
      return { ...entryOf(codec, task, numCodebooks, numSamples, numBytes), status: 'kept' };
    }
    const warnings: string[] = [];
    const onWarning = (warning: string) => warnings.push(warning);
    const samples = openAudio(task.input, { sampleRate: codec.sampleRate, signal, onWarning });
    const opened: Opened = { task, warnings, pieces: [], numSamples: 0, rest: undefined };
    while (opened.numSamples <= SHORT_SECONDS * codec.sampleRate) {
      const { value, done } = await samples.next();
      if (done === true) {
        return opened;
      }
      opened.pieces.push(value);
      opened.numSamples += value.length;
    }
    return { ...opened, rest: samples };
  } catch (error) {
    return await entryOfFailure(task, error, settings.signal);
  }
}

async function writeShort(
  codec: Codec,
  settings: EncodeSettings,
  { task, warnings, numSamples }: Opened,
  codes: Codes,
): Promise<ManifestEntry> {
  try {
    const { numCodebooks } = codes;
    const bytes = packLnt(codes, codec, settings);
    await writeWholeFile(await createOutput(task, settings), bytes);
    return entryOf(codec, task, numCodebooks, numSamples, bytes.length, warnings);
  } catch (error) {
    return await entryOfFailure(task, error, settings.signal);
  }
}

async function encodeLong(
  codec: Codec,
  settings: EncodeSettings,
  { task, warnings, pieces, rest }: Opened,
): Promise<ManifestEntry> {
  async function* all() {
    yield* pieces;
    // what was read may be freed
    pieces.length = 0;
    yield* rest!;
  }
  const { numCodebooks = codec.numCodebooks } = settings;
  try {
    const file = await createOutput(task, settings);
    const { numBytes, durationSeconds } = await encodeFile(codec, all(), file, settings);
    const numSamples = Math.round(durationSeconds * codec.sampleRate);
    return entryOf(codec, task, numCodebooks, numSamples, numBytes, warnings);
  } catch (error) {
    return await entryOfFailure(task, error, settings.signal);
  } finally {
    await rest!.return();
  }
}

function createOutput({ output }: Task, { existing }: EncodeSettings): Promise<OutputFile> {
  return OutputFile.create(output, { isNew: existing === 'refuse', makesFolders: true });
}

function entryOf(
  codec: Codec,
  task: Task,
  levels: number,
  numSamples: number,
  numBytes: number,
  warnings: readonly string[] = [],
): ManifestEntry {
  return {
    ...task,
    status: 'encoded',
    durationSeconds: numSamples / codec.sampleRate,
    numBytes,
    codec: codec.name,
    levels,
    weightsHash: codec.weightsHash,
    ...(warnings.length > 0 ? { warnings: [...warnings] } : {}),
  };
}
