import { SpeechError } from '../../../base/errors.js';
import { speakSegments, type TextSpeaker } from '../../../engine/client/segment-speech.js';
import type { SpeakOptions, SpeechChunk, SpeechSegment } from '../../../tts/types.js';
import { join } from '../../helpers/chunks.js';
import { errorWithCode } from '../../helpers/errors.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { waitUntil } from '../../helpers/processes.js';

const CHUNK = 4_800;

/** One chunk of a word's own length per word, with its time; notes when each text is begun. */
class WordSpeaker implements TextSpeaker {
  readonly sampleRate = 24_000;
  readonly voices = new ToneEngine().voices;
  readonly begun: { text: string; options: SpeakOptions }[] = [];

  async *speak(text: string, options: SpeakOptions): AsyncGenerator<SpeechChunk, undefined> {
    this.begun.push({ text, options });
    if (text === '') {
      throw new SpeechError('TEXT_EMPTY', 'As the engine says it.');
    }
    let end = 0;
    for (const word of text.split(' ')) {
      await Promise.resolve();
      const start = end;
      end += 0.5;
      yield {
        samples: new Float32Array(12_000).fill(1),
        words: [{ word, startSeconds: start, endSeconds: end }],
        marks: [],
      };
    }
    return undefined;
  }
}

async function speak(
  engine: TextSpeaker,
  segments: SpeechSegment[],
  options: SpeakOptions = {},
): Promise<{ samples: Float32Array; chunks: SpeechChunk[] }> {
  const chunks: SpeechChunk[] = [];
  for await (const chunk of speakSegments(engine, segments, options)) {
    chunks.push(chunk);
  }
  return { samples: join(chunks.map(({ samples }) => samples)), chunks };
}

const speaker = (engine: ToneEngine): TextSpeaker => engine;

describe('speakSegments', () => {
  it('joins segments with their silences, and counts the time of words from the start', async () => {
    const { samples, chunks } = await speak(new WordSpeaker(), [
      { text: '', pauseSeconds: 0.25 },
      { text: 'a b', pauseSeconds: 2.5 },
      { text: 'c', pauseSeconds: 0.5 },
    ]);
    expect(samples).toHaveLength((0.25 + 1 + 2.5 + 0.5 + 0.5) * 24_000);
    const level = (seconds: number) => samples[Math.round(seconds * 24_000)];
    expect([0.1, 0.3, 1.2, 1.3, 3.7, 3.8, 4.2, 4.3].map(level)).toEqual([0, 1, 1, 0, 0, 1, 1, 0]);
    const words = chunks.flatMap((chunk) => chunk.words);
    expect(words.map(({ word, startSeconds }) => [word, startSeconds])).toEqual([
      ['a', 0.25],
      ['b', 0.75],
      ['c', 3.75],
    ]);
  });

  it('hands each segment its voice and speed, and all the same seed', async () => {
    const engine = new WordSpeaker();
    const segments = [
      { text: 'a' },
      { text: 'b', voice: 'high', speed: 0.5 },
      { text: 'c', speed: 9 },
    ];
    await speak(engine, segments, { voice: 'low', speed: 2, seed: 7 });
    expect(engine.begun).toEqual([
      { text: 'a', options: { voice: 'low', speed: 2, seed: 7 } },
      { text: 'b', options: { voice: 'high', speed: 1, seed: 7 } },
      { text: 'c', options: { voice: 'low', speed: 4, seed: 7 } },
    ]);
  });

  it('begins a segment when the one before has given its last chunk', async () => {
    const engine = new WordSpeaker();
    const speech = speakSegments(engine, [{ text: 'a b', pauseSeconds: 1 }, { text: 'c' }]);
    await speech.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(engine.begun).toHaveLength(1);
    await speech.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(engine.begun).toHaveLength(2);
  });

  it('passes over segments without words, but not a document of them', async () => {
    const tone = new ToneEngine();
    const { samples } = await speak(speaker(tone), [{ text: '§' }, { text: 'a' }]);
    expect(samples).toHaveLength(CHUNK);
    await expect(speak(speaker(tone), [{ text: '§', pauseSeconds: 1 }])).rejects.toThrow(
      errorWithCode('TEXT_EMPTY'),
    );
    await expect(speak(speaker(tone), [])).rejects.toThrow(errorWithCode('TEXT_EMPTY'));
  });

  it('names an unknown voice before it speaks', async () => {
    const engine = new WordSpeaker();
    const segments = [{ text: 'a' }, { text: 'b', voice: 'nobody' }];
    await expect(speak(engine, segments)).rejects.toThrow(errorWithCode('VOICE_UNKNOWN'));
    expect(engine.begun).toEqual([]);
  });

  it('tells an error once, after what was spoken before it', async () => {
    const speech = speakSegments(speaker(new ToneEngine()), [{ text: 'a' }, { text: '!' }]);
    expect((await speech.next()).value?.samples).toHaveLength(CHUNK);
    await expect(speech.next()).rejects.toThrow('a bug');
    expect(await speech.next()).toEqual({ done: true, value: undefined });
  });

  it('gives nothing more once it was left, though another segment follows', async () => {
    const engine = new WordSpeaker();
    const speech = speakSegments(engine, [{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
    await speech.next();
    await speech.return!();
    expect(await speech.next()).toEqual({ done: true, value: undefined });
    expect(await speech.next()).toEqual({ done: true, value: undefined });
    expect(engine.begun.map(({ text }) => text)).not.toContain('c');
  });

  it('ends by return and by the signal, in speech and in silence', async () => {
    const engine = new ToneEngine();
    for await (const { samples } of speakSegments(speaker(engine), [
      { text: 'ab' },
      { text: 'c' },
    ])) {
      expect(samples).toHaveLength(CHUNK);
      break;
    }
    await waitUntil(() => engine.numActive === 0);
    for (const segment of [{ text: 'a~' }, { text: 'a', pauseSeconds: 20 }]) {
      const ending = new AbortController();
      const { signal } = ending;
      const speech = speakSegments(speaker(engine), [segment], { signal });
      await speech.next();
      ending.abort();
      const rest = async () => {
        for (let turn = 0; turn < 10; turn++) {
          await speech.next();
        }
      };
      await expect(rest()).rejects.toThrow(errorWithCode('CANCELLED'));
    }
  });
});
