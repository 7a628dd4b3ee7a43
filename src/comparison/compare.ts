import { MAX_HOP } from '../pictures/columns.js';
import type { Picture } from '../pictures/pictures.js';
import { Spectrogram } from '../pictures/spectrogram.js';
import { Distortion, type DistortionFigures } from './distortion.js';
import { readInStep } from './in-step.js';
import { MelDistance } from './mel-distance.js';
import { OffsetFinder, type Offset } from './offset.js';

/** Offsets are sought up to this, in seconds. */
export const MAX_OFFSET_SECONDS = 0.1;

/** What {@link findOffset} finds. */
export type OffsetAndLengths = {
  /** Lengths of both, in samples. */
  numOriginal: number;
  numDecoded: number;
  /** How far the decoded audio is behind the original; `undefined` if one of them is silent. */
  offset: Offset | undefined;
};

/** What {@link compareAudio} finds. */
export type Comparison = OffsetAndLengths &
  DistortionFigures & {
    /** Samples that were compared. */
    numCompared: number;
    /** See {@link MelDistance}. */
    melDistanceDb: number;
    /** The PNG file, if one was wanted. */
    png?: Uint8Array;
  };

/**
 * Compares two recordings in memory that does not grow with their length, over that of the shorter one.
 *
 * @param original - Mono samples, at least one.
 * @param decoded - Mono samples of the same rate, at least one.
 * @param sampleRate - Hz.
 * @param picture - Draws them; without it there is no picture.
 * @returns The figures.
 * @throws {SpeechError} What the two sources throw.
 */
export async function compareAudio(
  original: AsyncGenerator<Float32Array, void, undefined>,
  decoded: AsyncGenerator<Float32Array, void, undefined>,
  sampleRate: number,
  picture?: Picture,
): Promise<Comparison> {
  const distortion = new Distortion();
  const offsets = new OffsetFinder(Math.round(MAX_OFFSET_SECONDS * sampleRate));
  const melDistance = new MelDistance(sampleRate);
  const first = new Spectrogram(picture?.sizes);
  const second = new Spectrogram(picture?.sizes);
  const takeFrames = () => {
    for (let at = first.next(); at !== undefined; at = first.next()) {
      second.next();
      if (at % MAX_HOP === 0) {
        melDistance.add(first.power, second.power);
      }
    }
  };
  const lengths = await readInStep(original, decoded, (a, b) => {
    distortion.push(a, b);
    offsets.push(a, b);
    first.push(a);
    second.push(b);
    takeFrames();
  });
  first.end();
  second.end();
  takeFrames();
  return {
    ...distortion.finish(),
    numOriginal: lengths.first,
    numDecoded: lengths.second,
    numCompared: first.numSamples,
    melDistanceDb: melDistance.meanDb,
    offset: offsets.finish(),
    ...(picture === undefined
      ? {}
      : { png: picture.drawComparison(first.finish(), second.finish(), first.numSamples) }),
  };
}

/**
 * Finds how far a recording is behind another one.
 *
 * @param original - As for {@link compareAudio}.
 * @param decoded - Likewise.
 * @param sampleRate - Hz.
 * @returns The offset, up to {@link MAX_OFFSET_SECONDS}, and the lengths.
 * @throws {SpeechError} What the two sources throw.
 */
export async function findOffset(
  original: AsyncGenerator<Float32Array, void, undefined>,
  decoded: AsyncGenerator<Float32Array, void, undefined>,
  sampleRate: number,
): Promise<OffsetAndLengths> {
  const offsets = new OffsetFinder(Math.round(MAX_OFFSET_SECONDS * sampleRate));
  const lengths = await readInStep(original, decoded, (a, b) => {
    offsets.push(a, b);
  });
  return { numOriginal: lengths.first, numDecoded: lengths.second, offset: offsets.finish() };
}
