import { rm } from 'node:fs/promises';
import { LatentCodec, type DecoderPiece } from '../../../codecs/index.js';
import { Runtime } from '../../../kernels/index.js';
import { makeAudio } from '../../../tts/pipeline/make-audio.js';
import { makeTokens } from '../../../tts/pipeline/make-tokens.js';
import { SpeechJob } from '../../../tts/pipeline/speech-job.js';
import { SpeechModels } from '../../../tts/pipeline/speech-models.js';
import type { SpeechChunk } from '../../../tts/types.js';
import { writeTinyModels } from '../../helpers/tiny-models.js';

const REQUEST = { voice: 'first', seed: 1, speed: 1, temperature: undefined, isLive: false };
const SAMPLE_RATE = 24000;

let folder: string;
let runtime: Runtime;
let codec: LatentCodec;
let models: SpeechModels;

beforeAll(async () => {
  folder = await writeTinyModels();
  runtime = await Runtime.create({ device: 'cpu', threads: 1 });
  codec = new LatentCodec(runtime, folder);
  models = await SpeechModels.load(runtime, folder, codec);
}, 60_000);

afterAll(async () => {
  await models.close();
  await codec.close();
  await runtime.close();
  await rm(folder, { recursive: true });
});

type Watched = { job: SpeechJob; chunks: SpeechChunk[]; log: string[]; errors: unknown[] };

function open(request = REQUEST, using = models): Watched {
  const chunks: SpeechChunk[] = [];
  const log: string[] = [];
  const errors: unknown[] = [];
  const job = new SpeechJob(using, request, {
    wantText: () => log.push('text'),
    chunk: (chunk) => {
      chunks.push(chunk);
      log.push('chunk');
    },
    end: () => log.push('end'),
    fail: (error) => errors.push(error),
  });
  return { job, chunks, log, errors };
}

async function work(job: SpeechJob, using = models): Promise<void> {
  await workUntil(job, () => job.task === 'none', using);
}

async function workUntil(job: SpeechJob, isEnough: () => boolean, using = models): Promise<void> {
  while (!isEnough()) {
    await (job.task === 'audio' ? makeAudio : makeTokens)(using, [job]);
  }
}

function numSamples(chunks: readonly SpeechChunk[]): number {
  return chunks.reduce((sum, { samples }) => sum + samples.length, 0);
}

describe('SpeechJob', () => {
  it('waits for its consumer when it is some seconds ahead', async () => {
    const { job, chunks, log } = open();
    await job.pushText({ text: 'word '.repeat(200), isLast: true });
    await work(job);
    const ahead = numSamples(chunks) / SAMPLE_RATE;
    expect(ahead).toBeGreaterThan(4);
    expect(ahead).toBeLessThan(5.2);
    expect(log).not.toContain('end');
    job.consume(2 * SAMPLE_RATE);
    await work(job);
    expect(numSamples(chunks) / SAMPLE_RATE).toBeGreaterThan(ahead + 0.5);
    job.cancel();
    expect(job.task).toBe('none');
  });

  it('comes first until it is heard, and is no later for having run dry', async () => {
    const { job, chunks } = open();
    expect(job.deadlineSeconds).toBe(0);
    await job.pushText({ text: 'word '.repeat(200), isLast: true });
    await workUntil(job, () => chunks.length === 1);
    // nothing more is made until the listener has run dry
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(job.deadlineSeconds).toBeLessThan(performance.now() / 1000);
    await workUntil(job, () => chunks.length === 2);
    const now = performance.now() / 1000;
    const duration = chunks[1]!.samples.length / SAMPLE_RATE;
    expect(job.deadlineSeconds).toBeLessThanOrEqual(now + duration);
    expect(job.deadlineSeconds).toBeGreaterThan(now + duration - 0.1);
    job.cancel();
  });

  it('begins with a short chunk and goes on with longer ones, to a second', async () => {
    const { job, chunks } = open();
    await job.pushText({ text: 'word '.repeat(200), isLast: true });
    await work(job);
    const sizes = chunks.map(({ samples }) => samples.length);
    expect(sizes[0]).toBe(0.12 * SAMPLE_RATE - 1680);
    expect(Math.max(...sizes)).toBe(SAMPLE_RATE);
    expect([...sizes].sort((a, b) => a - b)).toEqual(sizes);
  });

  it('keeps its states while a run needs them, and no longer', async () => {
    const { job, chunks, errors } = open();
    await job.pushText({ text: 'Some words that come first.', isLast: true });
    const stream = (await job.prepareTokens(models))!;
    const running = makeTokens(models, [job]);
    // the run begins in a later turn
    await new Promise((resolve) => setImmediate(resolve));
    job.cancel();
    await running;
    expect([chunks, errors]).toEqual([[], []]);
    await expect(stream.state.snapshot()).rejects.toMatchObject({ code: 'STATE_INVALID' });
  });

  it.each([0, 1])(
    'leaves out job %i, which was cancelled while they were prepared',
    async (index) => {
      const jobs = [open().job, open().job];
      for (const job of jobs) {
        await job.pushText({ text: 'Some words that come first.', isLast: true });
      }
      const running = makeTokens(models, jobs);
      jobs[index]!.cancel();
      await running;
      await work(jobs[1 - index]!);
      expect(jobs[1 - index]!.isDone).toBe(true);
    },
  );

  it('asks for text as it needs it, and not for more', async () => {
    const { job, log } = open();
    expect(log).toEqual([]);
    await job.pushText({ text: 'Some words that come first. ', isLast: false });
    expect(log).toEqual(['text']);
    await job.pushText({ text: 'Now there is much to do. '.repeat(60), isLast: false });
    expect(log).toEqual(['text']);
    await work(job);
    job.cancel();
  });

  it('asks for text once, until it gets some', async () => {
    const { job, log } = open();
    await job.pushText({
      text: 'Some words that come first. Then there are others. ',
      isLast: false,
    });
    await work(job);
    expect(log.filter((entry) => entry === 'text')).toHaveLength(1);
    expect(log).toContain('chunk');
    await job.pushText({ text: 'More. ', isLast: false });
    expect(log.filter((entry) => entry === 'text')).toHaveLength(2);
    job.cancel();
  });

  it('begins a long text before it has read the rest', async () => {
    const { job, chunks } = open();
    // what is wrong at the end is not known yet
    await job.pushText({ text: `${'word '.repeat(200_000)}[[HH QQ AH0]]`, isLast: true });
    await work(job);
    expect(numSamples(chunks)).toBeGreaterThan(0);
    job.cancel();
  });

  it('fails when it comes to what cannot be read, and says so again', async () => {
    const { job, chunks } = open();
    await job.pushText({ text: `${'word '.repeat(150)}[[HH QQ AH0]]`, isLast: true });
    const speak = async () => {
      for (;;) {
        await work(job);
        job.consume(SAMPLE_RATE);
      }
    };
    await expect(speak()).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect(numSamples(chunks)).toBeGreaterThan(0);
    expect(job.task).toBe('tokens');
    await expect(makeTokens(models, [job])).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    job.cancel();
  });

  it('speaks text that is pushed while the one before is unread', async () => {
    const { job, chunks } = open();
    await job.pushText({ text: 'Some words. '.repeat(60), isLast: false });
    await job.pushText({ text: 'The end.', isLast: true });
    while (!job.isDone) {
      await work(job);
      job.consume(SAMPLE_RATE);
    }
    expect(chunks.flatMap(({ words }) => words)).toHaveLength(122);
  });

  it('ends a speech once, after its last chunk', async () => {
    const { job, chunks, log } = open();
    await job.pushText({ text: 'Two words.', isLast: true });
    await work(job);
    expect(log.filter((entry) => entry === 'end')).toHaveLength(1);
    expect(log.at(-1)).toBe('end');
    expect(job.isDone).toBe(true);
    expect(chunks.flatMap(({ words }) => words.map(({ word }) => word))).toEqual(['Two', 'words.']);
  });

  it('has the words end within the audio that came with them', async () => {
    const { job, chunks } = open();
    await job.pushText({
      text: 'There are some more words in this sentence than in the last.',
      isLast: true,
    });
    await work(job);
    let end = 0;
    for (const { samples, words } of chunks) {
      end += samples.length / SAMPLE_RATE;
      for (const { endSeconds } of words) {
        expect(endSeconds).toBeLessThanOrEqual(end + 1e-9);
      }
    }
  });

  it('clips what is too loud, and fails at what is not a number', async () => {
    const values = [0.5, 1.5, -2, 1, -1, Infinity];
    const decoding = (given: number[]) => {
      const latents = {
        stream: () => ({ close: () => undefined }),
        advance: ([{ isLast }]: [DecoderPiece]) =>
          Promise.resolve([{ samples: Float32Array.from(given), isOver: isLast }]),
      };
      const { text, language, flow, clock } = models;
      return { text, language, flow, clock, latents } as unknown as SpeechModels;
    };
    const { job, chunks } = open(REQUEST, decoding(values));
    await job.pushText({ text: 'Two words.', isLast: true });
    await work(job, decoding(values));
    expect(Array.from(chunks[0]!.samples)).toEqual([0.5, 1, -1, 1, -1, 1]);
    const broken = open(REQUEST, decoding([0, NaN]));
    await broken.job.pushText({ text: 'Two words.', isLast: true });
    await expect(work(broken.job, decoding([0, NaN]))).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(broken.chunks).toEqual([]);
    broken.job.cancel();
  });

  it('frees its states at its end and when it is cancelled while nothing runs', async () => {
    for (const isCancelled of [false, true]) {
      const { job } = open();
      await job.pushText({ text: 'Two words.', isLast: true });
      const { state } = (await job.prepareTokens(models))!;
      if (isCancelled) {
        job.cancel();
      } else {
        await work(job);
      }
      expect(job.isDone).toBe(true);
      await expect(state.snapshot()).rejects.toMatchObject({ code: 'STATE_INVALID' });
    }
  });

  it('has one state of constant size, whatever was spoken', async () => {
    const { job } = open();
    await job.pushText({ text: 'Some words. '.repeat(1000), isLast: true });
    const { state } = (await job.prepareTokens(models))!;
    const sizes = [(await state.snapshot()).length];
    for (let turn = 0; turn < 5; turn++) {
      await work(job);
      job.consume(2 * SAMPLE_RATE);
      sizes.push((await state.snapshot()).length);
    }
    const { numLayers, numHeads, keyDim, valueDim } = models.language.config;
    expect(new Set(sizes)).toEqual(new Set([4 * numLayers * numHeads * keyDim * valueDim]));
    job.cancel();
  });

  it('gives no chunk once it is cancelled, though one was being made', async () => {
    const { job, log } = open();
    await job.pushText({ text: 'Some words that come first.', isLast: true });
    await workUntil(job, () => job.task === 'audio');
    const making = makeAudio(models, [job]);
    job.cancel();
    await making;
    expect(log).toEqual([]);
  });

  it.each([0.75, 2])('gives all of the audio at speed %d', async (speed) => {
    const lengthAt = async (given: number) => {
      const { job, chunks } = open({ ...REQUEST, speed: given });
      await job.pushText({ text: 'Two words.', isLast: true });
      await work(job);
      return numSamples(chunks);
    };
    expect(await lengthAt(speed)).toBe(Math.round((await lengthAt(1)) / speed));
  });

  it('has a word that no pause follows end with the last token', async () => {
    const { job, chunks } = open();
    await job.pushText({ text: 'Two words.', isLast: true });
    const stream = (await job.prepareTokens(models))!;
    const numPhones = stream.maxDwell.length;
    const steps = Array.from({ length: numPhones - 1 }, (_, pointer) => ({ token: 1, pointer }));
    stream.pointer = numPhones;
    job.acceptTokens(steps);
    await work(job);
    const last = chunks.flatMap(({ words }) => words).at(-1)!;
    const offset = models.language.config.pointerOffset / SAMPLE_RATE - 0.02;
    expect(last.word).toBe('words.');
    expect(last.endSeconds).toBeCloseTo(steps.length * 0.04 + offset, 9);
  });

  it('refuses text without words at its end, and only there', async () => {
    const { job } = open();
    await job.pushText({ text: '... ', isLast: false });
    await expect(job.pushText({ text: '?!', isLast: true })).rejects.toMatchObject({
      code: 'TEXT_EMPTY',
    });
  });

  describe('of a live text', () => {
    const LIVE = { ...REQUEST, isLive: true };

    async function pushAll(job: SpeechJob, pieces: readonly string[]): Promise<void> {
      for (const text of pieces) {
        await job.pushText({ text, isLast: false });
        await work(job);
      }
    }

    it('begins before the end of the sentence is known', async () => {
      const { job, chunks } = open(LIVE);
      await pushAll(job, ['One ', 'two ', 'three ', 'four ', 'five ', 'six ', 'seven ', 'eight ']);
      expect(numSamples(chunks)).toBeGreaterThan(0);
      expect(job.isDone).toBe(false);
      await job.pushText({ text: 'nine.', isLast: true });
      await work(job);
      expect(job.isDone).toBe(true);
      const words = chunks.flatMap((chunk) => chunk.words.map(({ word }) => word));
      expect(words.join(' ')).toBe('One two three four five six seven eight nine.');
    });

    it('is marked to its end, letters and times ascending within the audio', async () => {
      const { job, chunks } = open(LIVE);
      await pushAll(job, ['Well, one two ', 'three four five. Six ', 'seven']);
      await job.pushText({ text: ' eight!', isLast: true });
      await work(job);
      const marks = chunks.flatMap((chunk) => chunk.marks);
      const isAscending = (values: number[]) =>
        values.every((value, index) => index === 0 || value >= values[index - 1]!);
      expect(isAscending(marks.map(({ offset }) => offset))).toBe(true);
      expect(isAscending(marks.map(({ seconds }) => seconds))).toBe(true);
      expect(marks.at(-1)).toMatchObject({
        offset: 'Well, one two three four five. Six seven eight!'.length,
      });
      expect(marks.at(-1)!.seconds).toBeLessThanOrEqual(numSamples(chunks) / SAMPLE_RATE);
      for (const { word, startSeconds } of chunks.flatMap(({ words }) => words)) {
        const offset = 'Well, one two three four five. Six seven eight!'.indexOf(word);
        expect(marks.find((mark) => mark.offset === offset)?.seconds).toBe(startSeconds);
      }
    });

    it('tells of a flush when all words before it were given', async () => {
      const { job, chunks } = open(LIVE);
      await job.pushText({ text: 'One two', isLast: false, flush: 7 });
      await work(job);
      expect(chunks.at(-1)).toEqual({
        samples: new Float32Array(0),
        words: [],
        marks: [],
        flushed: 7,
      });
      expect(chunks.flatMap(({ words }) => words.map(({ word }) => word))).toEqual(['One', 'two']);
      await job.pushText({ text: ' three', isLast: false, flush: 8 });
      await work(job);
      expect(chunks.at(-1)?.flushed).toBe(8);
      expect(job.isDone).toBe(false);
      const length = numSamples(chunks);
      await job.pushText({ text: '', isLast: true });
      await work(job);
      expect(job.isDone).toBe(true);
      expect(numSamples(chunks)).toBe(length);
    });

    it('begins anew with a short chunk after a flush', async () => {
      const { job, chunks } = open(LIVE);
      await job.pushText({ text: 'word '.repeat(12), isLast: false, flush: 1 });
      await work(job);
      const before = chunks.length;
      await job.pushText({ text: 'word '.repeat(12), isLast: false, flush: 2 });
      await work(job);
      expect(chunks[before]!.samples.length).toBe(0.12 * SAMPLE_RATE);
    });

    it('ends without an error if there was nothing to speak', async () => {
      const { job, log } = open(LIVE);
      await job.pushText({ text: ' ', isLast: false });
      await job.pushText({ text: '', isLast: true });
      await work(job);
      expect(log.at(-1)).toBe('end');
    });
  });
});
