import { join } from 'node:path';
import { z } from 'zod';
import { count, natural, readConfig } from '../../base/config-file.js';
import {
  convNextBlock,
  embedding,
  GraphBuilder,
  linear,
  readSafetensors,
  vector,
  Weights,
  type GraphSession,
  type Runtime,
} from '../../kernels/index.js';

const CONFIG = z.object({
  blocks: natural,
  repeat: count,
  maxLetters: count,
  letters: z.string(),
  sounds: z.array(z.string()),
});

type PronouncerConfig = z.infer<typeof CONFIG>;

/** Words a run; more cost memory and bring no speed. */
const MAX_BATCH = 16;

/**
 * Builds the network of training/models/g2p.py: `frames [B, T]`, repeated letters, to `logits [B, T, P]`,
 * class 0 being CTC's blank. 0 pads a word.
 *
 * @param weights - The network's weights.
 * @param config - Its `blocks`.
 */
export function buildPronouncerGraph(
  weights: Weights,
  config: Pick<PronouncerConfig, 'blocks'>,
): GraphBuilder {
  const graph = new GraphBuilder('g2p');
  // the letters come repeated: that is cheaper here than in the graph
  const frames = graph.input('frames', 'int64', ['B', 'T']);
  let h = graph.scoped('embedding', () => embedding(graph, frames, weights.at('embedding')));
  for (let index = 0; index < config.blocks; index++) {
    h = graph.scoped(`block${index}`, () =>
      convNextBlock(graph, h, weights.at(`blocks.${index}`), { isCausal: false }),
    );
  }
  const norm = weights.at('norm');
  const normed = graph.layerNorm(h, vector(graph, norm, 'weight'), vector(graph, norm, 'bias'));
  graph.output('logits', linear(graph, normed, weights.at('head')));
  return graph;
}

/** Pronounces words by their spelling, for those that no dictionary has. */
export class Pronouncer {
  readonly #session: GraphSession;
  readonly #config: PronouncerConfig;

  private constructor(session: GraphSession, config: PronouncerConfig) {
    this.#session = session;
    this.#config = config;
  }

  /**
   * Loads the network.
   *
   * @param runtime - Where it runs.
   * @param folder - Holds `model.safetensors` and `config.json`.
   * @throws {SpeechError} `FILE_NOT_FOUND`, `MODEL_INVALID`.
   */
  static async load(runtime: Runtime, folder: string): Promise<Pronouncer> {
    const weights = new Weights(await readSafetensors(join(folder, 'model.safetensors')));
    const config = readConfig(join(folder, 'config.json'), CONFIG);
    const graph = buildPronouncerGraph(weights, config);
    // some words at a time
    const session = await runtime.load('g2p', graph.build(), { device: 'cpu' });
    return new Pronouncer(session, config);
  }

  /**
   * Pronounces words.
   *
   * @param words - Lower-case words of letters and apostrophes; other signs are passed over.
   * @returns Phones of `PHONES` for each; empty for a word without letters.
   */
  async guess(words: readonly string[]): Promise<string[][]> {
    const answers: string[][] = [];
    for (let start = 0; start < words.length; start += MAX_BATCH) {
      answers.push(...(await this.#guessBatch(words.slice(start, start + MAX_BATCH))));
    }
    return answers;
  }

  /** Frees the network. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async #guessBatch(words: readonly string[]): Promise<string[][]> {
    const { letters, maxLetters, repeat, sounds } = this.#config;
    const spelled = words.map((word) =>
      Array.from(word, (letter) => letters.indexOf(letter, 1)).filter((index) => index > 0),
    );
    const longest = Math.max(...spelled.map(({ length }) => length));
    // words were padded to one length in training, and the padding is seen
    const length = Math.max(1, Math.ceil(longest / maxLetters)) * maxLetters;
    const frames = new BigInt64Array(words.length * length * repeat);
    for (const [row, indices] of spelled.entries()) {
      for (const [place, index] of indices.entries()) {
        const begin = (row * length + place) * repeat;
        frames.fill(BigInt(index), begin, begin + repeat);
      }
    }
    const shape = [words.length, length * repeat];
    const { logits } = await this.#session.run({ frames: { dtype: 'int64', shape, data: frames } });
    const scores = logits!.data as Float32Array;
    const classes = sounds.length + 1;
    return spelled.map((indices, row) => {
      const offset = row * length * repeat * classes;
      const path = scores.subarray(offset, offset + indices.length * repeat * classes);
      return readPhones(path, sounds);
    });
  }
}

/** A phone on the best path: the frames of one sound, whatever stress they have. */
type Run = {
  sound: string;
  /** Of a vowel: the highest logit with stress 0, 1 and 2. */
  heights: number[];
};

/**
 * Reads the phones of a word off its logits. The best path is collapsed by CTC's rule (Graves et al.
 * 2006): repeats count once, blanks not at all; a vowel that changes its stress from one frame to the
 * next counts as one vowel. Exactly one vowel gets stress 1: the one whose logit for it stands highest
 * above its logits for 0 and 2. The others get the likelier of 0 and 2.
 *
 * @param scores - `[T, P + 1]`; class 0 is the blank.
 * @param sounds - The phones of classes 1 to `P`; the three stresses of a vowel stand side by side.
 * @returns Phones of `sounds`.
 */
export function readPhones(scores: Float32Array, sounds: readonly string[]): string[] {
  const classes = sounds.length + 1;
  const runs: Run[] = [];
  let last = '';
  for (let offset = 0; offset < scores.length; offset += classes) {
    const frame = scores.subarray(offset, offset + classes);
    const best = indexOfHighest(frame);
    const phone = best === 0 ? '' : sounds[best - 1]!;
    const sound = phone.replace(/\d$/, '');
    if (sound !== '' && sound !== last) {
      runs.push({ sound, heights: phone === sound ? [] : [-Infinity, -Infinity, -Infinity] });
    }
    if (phone !== sound) {
      const first = 1 + sounds.indexOf(`${sound}0`);
      const { heights } = runs.at(-1)!;
      for (let stress = 0; stress < 3; stress++) {
        heights[stress] = Math.max(heights[stress]!, frame[first + stress]!);
      }
    }
    last = sound;
  }
  const margins = runs.map(({ heights: [none, primary, secondary] }) =>
    primary === undefined ? -Infinity : primary - Math.max(none!, secondary!),
  );
  const stressed = indexOfHighest(margins);
  return runs.map(({ sound, heights: [none, , secondary] }, index) => {
    if (none === undefined) {
      return sound;
    }
    return `${sound}${index === stressed ? 1 : secondary! > none ? 2 : 0}`;
  });
}

function indexOfHighest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if (values[index]! > values[best]!) {
      best = index;
    }
  }
  return best;
}
