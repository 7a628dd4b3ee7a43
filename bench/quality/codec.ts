import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keepLevels, type Codec } from '../../codecs/index.js';
import { mean } from '../../src/bench/statistics.js';
import type { ClipGroup } from './clips.js';
import type { Judges, Recognition } from './judges.js';
import { runPython } from './python.js';
import { likeness, wordDifference, type WordErrorRate } from './scores.js';
import { writeWav } from './tools.js';

/** Means over clips; null where a measure is undefined for all of them. */
export type CodecScores = {
  /** Short-time objective intelligibility, up to 1. */
  stoi: number | null;
  /** Wide-band PESQ as a mean opinion score, 1 to 4.64. */
  pesqWb: number | null;
  /** Mean absolute difference of 80-band mel spectra, dB. */
  melDistanceDb: number | null;
  /** Pearson's correlation of log pitch where both are voiced. */
  pitchCorrelation: number | null;
  /** Naturalness of what comes back, 1 to 5. */
  distillMos: number | null;
  /** Words that a recogniser hears otherwise than in the original, over words of the original. */
  otherWords: WordErrorRate;
  /** Mean cosine between the voices of each clip before and after. */
  likeness: number | null;
};

/** Scores of one way of coding on one group of clips. */
export type CodecResult = {
  group: string;
  kind: ClipGroup['kind'];
  clips: number;
  codec: string;
  bitrateKbps: number;
  scores: CodecScores;
};

/** A way of coding. */
export type Coding = {
  name: string;
  bitrateKbps: number;
  /** Codes samples at 24 kHz and decodes them again, as many. */
  recode: (clip: Float32Array) => Promise<Float32Array>;
};

type Pair = { reference: string; decoded: string };

/** What `score.py` answers. */
type PairScores = Omit<CodecScores, 'otherWords' | 'likeness'>;

/**
 * A codec as a way of coding.
 *
 * @param name - For the report.
 * @param codec - The codec.
 * @param numCodebooks - Levels that are kept.
 */
export function codingOf(name: string, codec: Codec, numCodebooks: number): Coding {
  return {
    name,
    bitrateKbps: (codec.frameRate * numCodebooks * Math.log2(codec.cardinality)) / 1000,
    recode: async (clip) => codec.decode(keepLevels(await codec.encode(clip), numCodebooks)),
  };
}

/**
 * Codes clips in several ways and scores what comes back against what went in.
 *
 * @param groups - Clips.
 * @param codings - Ways of coding.
 * @param judges - Full ones.
 * @throws {ToolMissing} If the judges are missing.
 */
export async function measureCodecs(
  groups: readonly ClipGroup[],
  codings: readonly Coding[],
  judges: Judges,
): Promise<CodecResult[]> {
  const { folder, python } = judges;
  const pairs: Pair[] = [];
  await mkdir(join(folder, 'pairs'));
  for (const [group, { clips }] of groups.entries()) {
    for (const [index, clip] of clips.entries()) {
      const reference = join(folder, 'pairs', `${group}-${index}.wav`);
      await writeWav(reference, clip, SAMPLE_RATE);
      for (const [way, coding] of codings.entries()) {
        const decoded = join(folder, 'pairs', `${group}-${index}-${way}.wav`);
        await writeWav(decoded, await coding.recode(clip), SAMPLE_RATE);
        pairs.push({ reference, decoded });
      }
    }
  }
  const scores = await runPython<PairScores[]>(python, 'score.py', pairs, folder);
  const references = pairs.filter((_, index) => index % codings.length === 0);
  const speakers = await judges.recognise([
    ...references.map(({ reference }) => reference),
    ...pairs.map(({ decoded }) => decoded),
  ]);
  const scored = pairs.map((_, index) => ({
    scores: scores[index]!,
    original: speakers[Math.floor(index / codings.length)]!,
    decoded: speakers[references.length + index]!,
  }));

  const results: CodecResult[] = [];
  let offset = 0;
  for (const { name, kind, clips } of groups) {
    const own = scored.slice(offset, (offset += clips.length * codings.length));
    for (const [way, coding] of codings.entries()) {
      results.push({
        group: name,
        kind,
        clips: clips.length,
        codec: coding.name,
        bitrateKbps: coding.bitrateKbps,
        scores: summarisePairs(own.filter((_, index) => index % codings.length === way)),
      });
    }
  }
  return results;
}

/**
 * Sums up what is said about clips before and after coding.
 *
 * @param pairs - At least one.
 */
export function summarisePairs(
  pairs: readonly { scores: PairScores; original: Recognition; decoded: Recognition }[],
): CodecScores {
  const over = (pick: (scores: PairScores) => number | null) =>
    mean(pairs.map(({ scores }) => pick(scores)));
  return {
    stoi: over(({ stoi }) => stoi),
    pesqWb: over(({ pesqWb }) => pesqWb),
    melDistanceDb: over(({ melDistanceDb }) => melDistanceDb),
    pitchCorrelation: over(({ pitchCorrelation }) => pitchCorrelation),
    distillMos: over(({ distillMos }) => distillMos),
    otherWords: wordDifference(
      pairs.map(({ original, decoded }) => ({ original: original.heard, decoded: decoded.heard })),
    ),
    likeness: mean(
      pairs.map(({ original, decoded }) => likeness([original.voice], [decoded.voice])),
    ),
  };
}

const SAMPLE_RATE = 24_000;
