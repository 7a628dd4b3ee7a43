import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SpeechError } from '../../src/errors.js';
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
  blocks: z.int().positive(),
  repeat: z.int().positive(),
  maxLetters: z.int().positive(),
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
    const config = CONFIG.safeParse(
      JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')),
    );
    if (!config.success) {
      throw new SpeechError('MODEL_INVALID', 'The config.json of the g2p model does not fit.');
    }
    const graph = buildPronouncerGraph(weights, config.data);
    return new Pronouncer(await runtime.load('g2p', graph.build()), config.data);
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
      return readBestPath(path, classes).map((index) => sounds[index - 1]!);
    });
  }
}

/**
 * Collapses the best path of a CTC output: repeats count once, blanks not at all (Graves et al. 2006).
 *
 * @param scores - `[T, P]`; class 0 is the blank.
 * @param classes - `P`.
 * @returns The classes in order, never 0.
 */
export function readBestPath(scores: Float32Array, classes: number): number[] {
  const path: number[] = [];
  let last = 0;
  for (let offset = 0; offset < scores.length; offset += classes) {
    let best = 0;
    for (let index = 1; index < classes; index++) {
      if (scores[offset + index]! > scores[offset + best]!) {
        best = index;
      }
    }
    if (best !== 0 && best !== last) {
      path.push(best);
    }
    last = best;
  }
  return path;
}
