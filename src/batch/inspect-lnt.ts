import { toSpeechError } from '../../base/errors.js';
import type { LntHeader, LntTags } from '../../codecs/lnt/lnt-header.js';
import { problemOf } from '../../codecs/lnt/lnt-problem.js';
import { LntSeeker } from '../../codecs/lnt/lnt-seeker.js';
import { findCodeTables } from '../files/code-tables.js';
import { withLntSource } from '../files/codec-files.js';
import { readLntItems } from '../files/lnt-items.js';

/** What a token file says of itself. */
export type LntInfo = {
  path: string;
  kind: string;
  /** Name of the codec; empty for version 1. */
  codec: string;
  /** SHA-256 of the codec's weights; version 1 does not know it. */
  weightsHash?: string;
  sampleRate: number;
  channels: number;
  durationSeconds: number;
  /** Entries and frames a second of each level, coarse to fine. */
  levels: { codebookSize: number; frameRate: number }[];
  numBlocks: number;
  numBytes: number;
  bitrateKbps: number;
  tags: LntTags;
};

/** What was found in a token file. */
export type LntCheck = {
  path: string;
  isSound: boolean;
  /** What is wrong, in order, at most {@link MAX_PROBLEMS}. */
  problems: { code: string; message: string }[];
  /** Seconds of audio in sound blocks. */
  soundSeconds: number;
};

/** Problems of one file that are told. */
export const MAX_PROBLEMS = 20;

/**
 * Reads what a token file says of itself: its beginning and its end.
 *
 * @param path - The file.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`, `BITSTREAM_INVALID`, `BITSTREAM_TRUNCATED`.
 */
export async function readInfo(path: string): Promise<LntInfo> {
  return withLntSource(path, async (source) => {
    const { header, numBlocks, numSamples } = await LntSeeker.open(source, findCodeTables);
    return describe(path, header, numSamples, numBlocks, source.size);
  });
}

/**
 * Reads a token file through.
 *
 * @param path - The file.
 * @param signal - Ends the reading.
 * @returns What is wrong with it; a file that cannot be read has a problem too.
 */
export async function checkLnt(path: string, signal: AbortSignal): Promise<LntCheck> {
  const check: LntCheck = { path, isSound: true, problems: [], soundSeconds: 0 };
  const add = (problem: { code: string; message: string } | undefined) => {
    if (problem !== undefined) {
      check.isSound = false;
      if (check.problems.length < MAX_PROBLEMS) {
        check.problems.push({ code: problem.code, message: problem.message });
      }
    }
  };
  try {
    for await (const { item, header } of readLntItems(path, signal)) {
      add(problemOf(item));
      if (item.type === 'block') {
        check.soundSeconds += item.numSamples / header.sampleRate;
      }
    }
  } catch (thrown) {
    const error = toSpeechError(thrown);
    if (error.code === 'CANCELLED') {
      throw error;
    }
    add(error);
  }
  return check;
}

function describe(
  path: string,
  header: LntHeader,
  numSamples: number,
  numBlocks: number,
  numBytes: number,
): LntInfo {
  const { codec, name, weightsHash, sampleRate, channels, encoderDelay, levels, tags } = header;
  const durationSeconds = Math.max(0, numSamples - encoderDelay) / sampleRate;
  return {
    path,
    kind: codec,
    codec: name,
    ...(weightsHash === undefined ? {} : { weightsHash }),
    sampleRate,
    channels,
    durationSeconds,
    levels: levels.map(({ codebookSize, frameSize }) => ({
      codebookSize,
      frameRate: sampleRate / frameSize,
    })),
    numBlocks,
    numBytes,
    bitrateKbps: durationSeconds === 0 ? 0 : (numBytes * 8) / durationSeconds / 1000,
    tags,
  };
}
