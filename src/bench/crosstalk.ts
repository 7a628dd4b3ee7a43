import { SpeechError } from '../../base/errors.js';
import type { BenchClient, Utterance, UtteranceListener } from './client.js';
import { createRandom } from './random.js';
import { SENTENCES } from './sentences.js';

/** What listening for the other's speech found. */
export type CrosstalkFigures = {
  rounds: number;
  /** Utterances whose bytes were not those of the same text and seed alone. */
  mismatches: number;
};

/** How often, and with what. */
export type CrosstalkOptions = {
  createClient: () => BenchClient;
  rounds: number;
  /** 0 to 2^32 - 1: of the texts and of how they are spoken. */
  seed: number;
  /** Breaks it off. */
  signal: AbortSignal;
};

/** Each text is spoken with one of so many seeds, so that the server must keep these apart too. */
const SPEECH_SEEDS = 4;

/**
 * Has two clients speak different texts at the same time, and compares what each hears with what it
 * hears alone.
 *
 * @param options - How often.
 * @returns How many times that differed.
 * @throws {SpeechError} What the server answers, `BENCH_FAILED`; `CANCELLED`.
 */
export async function listenForCrosstalk(options: CrosstalkOptions): Promise<CrosstalkFigures> {
  const { createClient, rounds, seed, signal } = options;
  const clients = [createClient(), createClient()] as const;
  const leave = () => {
    for (const client of clients) {
      client.leave();
    }
  };
  signal.addEventListener('abort', leave);
  const alone = new Map<string, Buffer>();
  const hearAlone = async (utterance: Utterance) => {
    const key = JSON.stringify(utterance);
    const known = alone.get(key) ?? (await hear(clients[0], utterance));
    alone.set(key, known);
    return known;
  };
  try {
    const random = createRandom(seed, 0);
    let mismatches = 0;
    for (let round = 0; round < rounds; round++) {
      const first = Math.floor(random(0, SENTENCES.length));
      const other = (first + Math.floor(random(1, SENTENCES.length))) % SENTENCES.length;
      const utterances = [first, other].map((index) => ({
        text: SENTENCES[index]!,
        seed: Math.floor(random(0, SPEECH_SEEDS)),
      }));
      const heard = await Promise.all(
        utterances.map((utterance, index) => hear(clients[index]!, utterance)),
      );
      for (const [index, utterance] of utterances.entries()) {
        if (!heard[index]!.equals(await hearAlone(utterance))) {
          mismatches++;
        }
      }
      if (signal.aborted) {
        throw new SpeechError('CANCELLED', 'Listening for crosstalk was interrupted.');
      }
    }
    return { rounds, mismatches };
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

async function hear(client: BenchClient, utterance: Utterance): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const listener: UtteranceListener = {
    pushed: () => undefined,
    audio: (bytes) => parts.push(bytes),
  };
  await client.speak(utterance, listener);
  return Buffer.concat(parts);
}
