import type { Codec, CodecKind } from '../../codecs/contract.js';
import { decodeLntFrom } from '../../codecs/lnt/decode-lnt.js';
import { LntSeeker } from '../../codecs/lnt/lnt-seeker.js';
import { SPEECH_SAMPLE_RATE, type AudioFormat } from '../audio/formats.js';
import { writeAudioFile } from '../audio/write-audio.js';
import { findCodeTables } from '../files/code-tables.js';
import { withLntSource } from '../files/codec-files.js';
import { existsAlready, OutputFile } from '../files/output-file.js';
import { exists, sizeOfWhole, type ExistingPolicy } from './existing.js';
import type { ManifestEntry } from './manifest.js';
import type { Task } from './plan.js';
import { entryOfFailure, type Lane } from './run-lanes.js';

/** What a lane does with its files. */
export type DecodeSettings = {
  format: AudioFormat;
  existing: ExistingPolicy;
  signal: AbortSignal;
  /** First second wanted. */
  start?: number | undefined;
  /** Seconds wanted. */
  duration?: number | undefined;
  force?: boolean;
  strict?: boolean;
};

/**
 * Makes a lane that decodes token files into audio files.
 *
 * @param findCodec - Gives the lane's codec of a kind.
 * @param settings - What to make, and what to do about results that are there.
 */
export function decodeLane(
  findCodec: (kind: CodecKind) => Promise<Codec>,
  settings: DecodeSettings,
): Lane {
  return async (next, tell) => {
    for (let task = next(); task !== undefined; task = next()) {
      await tell(await decode(findCodec, settings, task));
    }
  };
}

async function decode(
  findCodec: (kind: CodecKind) => Promise<Codec>,
  settings: DecodeSettings,
  task: Task,
): Promise<ManifestEntry> {
  const { format, existing, signal, start = 0, duration = Infinity, force, strict } = settings;
  try {
    if (existing === 'refuse' && (await exists(task.output))) {
      throw existsAlready(task.output);
    }
    return await withLntSource(task.input, async (source) => {
      const file = await LntSeeker.open(source, findCodeTables);
      const { sampleRate } = file.header;
      const startSample = Math.round(start * sampleRate);
      const numSamples = Math.min(
        Math.round(duration * sampleRate),
        Math.max(0, file.numSamples - file.header.encoderDelay - startSample),
      );
      const kept =
        existing === 'resume' ? await sizeOfWhole(task.output, format, numSamples) : undefined;
      if (kept !== undefined) {
        return entryOf(task, 'kept', numSamples, kept);
      }
      const warnings: string[] = [];
      const samples = decodeLntFrom(({ codec }) => findCodec(codec), file, {
        startSample,
        numSamples: Math.round(duration * sampleRate),
        force: force === true,
        strict: strict === true,
        onWarning: (warning) => warnings.push(warning),
      });
      const output = await OutputFile.create(task.output, {
        isNew: existing === 'refuse',
        makesFolders: true,
      });
      const written = await writeAudioFile(samples, output, format, { signal });
      const entry = entryOf(task, 'decoded', written.numSamples, written.numBytes);
      return warnings.length > 0 ? { ...entry, warnings } : entry;
    });
  } catch (error) {
    return await entryOfFailure(task, error, signal);
  }
}

function entryOf(
  task: Task,
  status: 'decoded' | 'kept',
  numSamples: number,
  numBytes: number,
): ManifestEntry {
  return { ...task, status, durationSeconds: numSamples / SPEECH_SAMPLE_RATE, numBytes };
}
