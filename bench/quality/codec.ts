import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepLevels, type Codec } from '../../codecs/index.js';
import { findPackageRoot } from '../../src/package-root.js';
import { mean } from '../statistics.js';
import type { ClipGroup } from './clips.js';
import { runTool, ToolMissing, writeWav } from './tools.js';

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
export type Coding = { name: string; codec: Codec; numCodebooks: number };

type Pair = { reference: string; decoded: string };

/** Bits per second of a stream of tokens, in kbit. */
export function bitrateOf({ codec, numCodebooks }: Coding): number {
  return (codec.frameRate * numCodebooks * Math.log2(codec.cardinality)) / 1000;
}

/**
 * Codes clips in several ways and scores what comes back against what went in.
 *
 * @param groups - Clips.
 * @param codings - Ways of coding.
 * @param folder - For temporary files.
 * @throws {ToolMissing} Without Python or the packages of `requirements.txt`.
 */
export async function measureCodecs(
  groups: readonly ClipGroup[],
  codings: readonly Coding[],
  folder: string,
): Promise<CodecResult[]> {
  await checkPython();
  const pairs: Pair[] = [];
  await mkdir(join(folder, 'pairs'));
  for (const [group, { clips }] of groups.entries()) {
    for (const [index, clip] of clips.entries()) {
      const reference = join(folder, 'pairs', `${group}-${index}.wav`);
      await writeWav(reference, clip, SAMPLE_RATE);
      for (const [way, coding] of codings.entries()) {
        const decoded = join(folder, 'pairs', `${group}-${index}-${way}.wav`);
        await writeWav(decoded, await recode(coding, clip), SAMPLE_RATE);
        pairs.push({ reference, decoded });
      }
    }
  }
  const scores = await score(pairs, folder);

  const results: CodecResult[] = [];
  let offset = 0;
  for (const { name, kind, clips } of groups) {
    const own = scores.slice(offset, (offset += clips.length * codings.length));
    for (const [way, coding] of codings.entries()) {
      const chosen = own.filter((_, index) => index % codings.length === way);
      results.push({
        group: name,
        kind,
        clips: clips.length,
        codec: coding.name,
        bitrateKbps: bitrateOf(coding),
        scores: {
          stoi: mean(chosen.map(({ stoi }) => stoi)),
          pesqWb: mean(chosen.map(({ pesqWb }) => pesqWb)),
          melDistanceDb: mean(chosen.map(({ melDistanceDb }) => melDistanceDb)),
          pitchCorrelation: mean(chosen.map(({ pitchCorrelation }) => pitchCorrelation)),
        },
      });
    }
  }
  return results;
}

const SAMPLE_RATE = 24_000;
const PYTHON = process.env['LINNET_PYTHON'] ?? 'python3';
const HINT = 'set LINNET_PYTHON to a Python with bench/quality/requirements.txt';

async function recode({ codec, numCodebooks }: Coding, clip: Float32Array): Promise<Float32Array> {
  const codes = await codec.encode(clip);
  return codec.decode(keepLevels(codes, numCodebooks));
}

/** Before anything is coded, since that takes a while. */
async function checkPython(): Promise<void> {
  try {
    await runTool(PYTHON, ['-c', 'import numpy, scipy, pystoi, pesq'], HINT);
  } catch (cause) {
    throw new ToolMissing(`${PYTHON} lacks numpy, scipy, pystoi or pesq (${HINT})`, { cause });
  }
}

async function score(pairs: readonly Pair[], folder: string): Promise<CodecScores[]> {
  const list = join(folder, 'pairs.json');
  await writeFile(list, JSON.stringify(pairs));
  const program = join(findPackageRoot(), 'bench', 'quality', 'score.py');
  return JSON.parse(await runTool(PYTHON, [program, list], HINT)) as CodecScores[];
}
