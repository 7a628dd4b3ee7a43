import { readFileSync } from 'node:fs';
import { LatentCodec } from '../../../codecs/index.js';
import { Runtime } from '../../../kernels/index.js';
import type { Step } from '../../../tts/language-model/index.js';
import { makeAudio } from '../../../tts/pipeline/make-audio.js';
import { makeTokens } from '../../../tts/pipeline/make-tokens.js';
import { SpeechJob } from '../../../tts/pipeline/speech-job.js';
import { SpeechModels } from '../../../tts/pipeline/speech-models.js';
import type { Utterance } from '../../../tts/text/index.js';
import type { TextMark, WordTime } from '../../../tts/types.js';
import { join } from '../../helpers/chunks.js';
import { rms } from '../../helpers/tones.js';

const TEXT = 'Good morning to all of you. Now we can begin.';
const SAMPLE_RATE = 24_000;
const TOKEN_SECONDS = 0.04;

/** Tokens of the silence that is kept before the first word and after the last one. */
const KEPT_BEFORE = 1;
const KEPT_AFTER = 5;

/** A consonant is heard a little after or before its phone; this is less than two tokens. */
const ONSET_TOLERANCE_SECONDS = 0.06;

let runtime: Runtime;
let models: SpeechModels;

beforeAll(async () => {
  runtime = await Runtime.create({ device: 'cpu', threads: 2 });
  models = await SpeechModels.load(runtime, 'models', new LatentCodec(runtime, 'models'));
}, 60_000);

afterAll(() => runtime.close());

/** Speaks, and listens in on the language model: its steps, a list for each sentence. */
async function speak(
  speed: number,
): Promise<{ samples: Float32Array; words: WordTime[]; marks: TextMark[]; steps: Step[][] }> {
  const pieces: Float32Array[] = [];
  const words: WordTime[] = [];
  const marks: TextMark[] = [];
  const steps: Step[][] = [];
  const { language } = models;
  const encode = language.encode.bind(language);
  const advance = language.advance.bind(language);
  language.encode = (...given) => {
    steps.push([]);
    return encode(...given);
  };
  language.advance = async (streams) => {
    const [next] = await advance(streams);
    steps.at(-1)!.push(...next!);
    return [next!];
  };
  const request = {
    voice: language.config.voiceIds[0]!,
    seed: 3,
    speed,
    temperature: undefined,
    isLive: false,
  };
  const job = new SpeechJob(models, request, {
    wantText: () => undefined,
    chunk: (chunk) => {
      pieces.push(chunk.samples);
      words.push(...chunk.words);
      marks.push(...chunk.marks);
      job.consume(chunk.samples.length);
    },
    end: () => undefined,
    fail: () => undefined,
  });
  await job.pushText({ text: TEXT, isLast: true });
  while (!job.isDone) {
    await (job.task === 'audio' ? makeAudio : makeTokens)(models, [job]);
  }
  Object.assign(language, { encode, advance });
  return { samples: join(pieces), words, marks, steps };
}

async function read(): Promise<Utterance[]> {
  const stream = models.text.stream([]);
  const utterances: Utterance[] = [];
  for await (const utterance of stream.read(TEXT)) {
    utterances.push(utterance);
  }
  utterances.push(...(await stream.flush()));
  return utterances;
}

/** When each word is spoken, from all steps at once. */
function timesOf(utterances: readonly Utterance[], steps: readonly Step[][]): WordTime[] {
  const config = JSON.parse(readFileSync('models/language-model/config.json', 'utf8')) as {
    pointerOffset: number;
  };
  const spoken = utterances.flatMap(({ phones }, sentence) =>
    steps[sentence]!.map(({ pointer }) => ({ sentence, word: phones[pointer]!.wordIndex })),
  );
  const first = spoken.findIndex(({ word }) => word >= 0);
  const last = spoken.findLastIndex(({ word }) => word >= 0);
  const kept = spoken.slice(first - KEPT_BEFORE, last + 1 + KEPT_AFTER);
  const secondsOf = (token: number) =>
    Math.max(0, token * TOKEN_SECONDS + config.pointerOffset / SAMPLE_RATE - TOKEN_SECONDS / 2);
  return utterances.flatMap(({ words }, sentence) =>
    words.map(({ text }, word) => {
      const isIt = (token: { sentence: number; word: number }) =>
        token.sentence === sentence && token.word === word;
      return {
        word: text,
        startSeconds: secondsOf(kept.findIndex(isIt)),
        endSeconds: secondsOf(kept.findLastIndex(isIt) + 1),
      };
    }),
  );
}

/** Where it gets loud after a moment: the first 5 ms above a tenth of the loudest. */
function onsetAfter(samples: Float32Array, seconds: number): number {
  const size = SAMPLE_RATE / 200;
  const levels = Array.from({ length: Math.floor(samples.length / size) }, (_, index) =>
    rms(samples.subarray(index * size, (index + 1) * size)),
  );
  const limit = Math.max(...levels) / 10;
  const from = Math.round((seconds * SAMPLE_RATE) / size);
  return ((from + levels.slice(from).findIndex((level) => level > limit)) * size) / SAMPLE_RATE;
}

describe('the times of words with the real weights', () => {
  it.each([1, 1.25])('are those of the tokens, at speed %d', async (speed) => {
    const { words, steps } = await speak(speed);
    const expected = timesOf(await read(), steps);
    expect(words.map(({ word }) => word)).toEqual(expected.map(({ word }) => word));
    expect(words.length).toBe(TEXT.split(' ').length);
    for (const [index, { startSeconds, endSeconds }] of expected.entries()) {
      expect(Math.abs(words[index]!.startSeconds - startSeconds / speed)).toBeLessThan(1e-9);
      expect(Math.abs(words[index]!.endSeconds - endSeconds / speed)).toBeLessThan(1e-9);
    }
  });

  it('are those of the marks where words begin', async () => {
    const { words, marks } = await speak(1);
    const starts = [...TEXT.matchAll(/\S+/g)].map(({ index }) => index);
    const times = starts.map((start) => marks.find(({ offset }) => offset === start)?.seconds);
    expect(times).toEqual(words.map(({ startSeconds }) => startSeconds));
  });

  it.each([1, 1.25])('are those at which words are heard, at speed %d', async (speed) => {
    const { samples, words } = await speak(speed);
    const [first] = words;
    const heard = onsetAfter(samples, 0);
    expect(Math.abs(first!.startSeconds - heard)).toBeLessThan(ONSET_TOLERANCE_SECONDS);
    // the first word after the pause between the sentences
    const index = words.findIndex(({ word }) => word === 'Now');
    const pauseSeconds = words[index]!.startSeconds - words[index - 1]!.endSeconds;
    const heardNext = onsetAfter(samples, words[index - 1]!.endSeconds + pauseSeconds / 2);
    expect(Math.abs(words[index]!.startSeconds - heardNext)).toBeLessThan(ONSET_TOLERANCE_SECONDS);
  });
});
