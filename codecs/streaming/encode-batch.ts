import { SpeechError } from '../../base/errors.js';
import { checkFinite } from '../checks.js';
import { keepLevels } from '../codes.js';
import type { Codes } from '../contract.js';
import type { FrameCodec } from './frame-codec.js';

/** Recordings in one run, at most. */
const MAX_ROWS = 16;
/** A recording shares runs with longer ones if it is at least so long by them: what is added is work for nothing. */
const LEAST_PART = 0.8;
/** Seconds of audio of one recording in one run. */
const CHUNK_SECONDS = 2;

type Row = { index: number; pcm: Float32Array; numFrames: number };

/**
 * Encodes several recordings, those of about the same length in the same runs of the networks. Everything in the codec
 * is causal, so that the silence behind the shorter ones changes none of their tokens.
 *
 * @param codec - The networks.
 * @param pcms - Samples of each, at least one.
 * @param numCodebooks - Levels to keep.
 * @returns Tokens of each, in the order of `pcms`.
 * @throws {SpeechError} `AUDIO_EMPTY`, `AUDIO_INVALID` if one has no samples or one that is not finite.
 */
export async function encodeBatch(
  codec: FrameCodec,
  pcms: readonly Float32Array[],
  numCodebooks: number,
): Promise<Codes[]> {
  const { frameSize } = codec.properties;
  const rows = pcms.map((pcm, index): Row => {
    if (pcm.length === 0) {
      throw new SpeechError(
        'AUDIO_EMPTY',
        `pcms[${index}] has no samples; at least one is needed.`,
      );
    }
    checkFinite(pcm);
    return { index, pcm, numFrames: Math.ceil((pcm.length + codec.overlap) / frameSize) };
  });
  const results: Codes[] = [];
  for (const group of groupByLength(rows)) {
    const codes = await encodeGroup(codec, group);
    group.forEach(({ index }, row) => {
      results[index] = keepLevels(codes[row]!, numCodebooks);
    });
  }
  return results;
}

function groupByLength(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [];
  for (const row of [...rows].sort((a, b) => b.numFrames - a.numFrames)) {
    const group = groups.at(-1);
    const longest = group?.[0]?.numFrames ?? 0;
    if (group !== undefined && group.length < MAX_ROWS && row.numFrames >= LEAST_PART * longest) {
      group.push(row);
    } else {
      groups.push([row]);
    }
  }
  return groups;
}

async function encodeGroup(codec: FrameCodec, rows: readonly Row[]): Promise<Codes[]> {
  const { frameSize, frameRate, numCodebooks } = codec.properties;
  const numFrames = rows[0]!.numFrames;
  const framesPerRun = Math.ceil(CHUNK_SECONDS * frameRate);
  const tokens = rows.map((row) => new Uint16Array(row.numFrames * numCodebooks));
  const encoder = codec.openEncoder(rows.length);
  try {
    for (let first = 0; first < numFrames; first += framesPerRun) {
      const count = Math.min(framesPerRun, numFrames - first);
      const length = count * frameSize;
      const samples = new Float32Array(rows.length * length);
      rows.forEach(({ pcm }, row) => {
        samples.set(pcm.subarray(first * frameSize, first * frameSize + length), row * length);
      });
      const codes = await encoder.encode(samples);
      rows.forEach((row, index) => {
        const kept = Math.min(count, row.numFrames - first) * numCodebooks;
        if (kept > 0) {
          const start = index * count * numCodebooks;
          tokens[index]!.set(codes.subarray(start, start + kept), first * numCodebooks);
        }
      });
    }
  } finally {
    encoder.close();
  }
  return rows.map((row, index) => ({
    data: tokens[index]!,
    numFrames: row.numFrames,
    numCodebooks,
    numSamples: row.pcm.length,
  }));
}
