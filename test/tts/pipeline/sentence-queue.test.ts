import { SentenceQueue } from '../../../tts/pipeline/sentence-queue.js';
import type { TextStream, Utterance } from '../../../tts/text/index.js';

const UTTERANCE = {
  words: [{ text: 'a' }],
  phones: [{ phone: 'ax', wordIndex: 0, wordStart: true }],
} as unknown as Utterance;

describe('SentenceQueue', () => {
  it('shortens the silence before the first sentence alone', async () => {
    const pause = { phone: 'pau,', wordIndex: -1, wordStart: false };
    const sentence = { ...UTTERANCE, phones: [pause, ...UTTERANCE.phones] };
    const text = {
      async *read() {
        yield* await Promise.resolve([sentence, sentence]);
      },
      flush: () => Promise.resolve([]),
    } as unknown as TextStream;
    const queue = new SentenceQueue(text);
    await queue.push('two', true);
    expect(queue.first?.maxDwell[0]).toBe(5);
    queue.shift();
    expect(queue.first?.maxDwell[0]).toBe(30);
  });

  it('keeps what is pushed while the end of the text before is being read', async () => {
    let release!: () => void;
    const reading = new Promise<void>((resolve) => {
      release = resolve;
    });
    const text = {
      async *read(given: string) {
        if (given === 'first') {
          await reading;
        } else {
          yield UTTERANCE;
        }
      },
      flush: () => Promise.resolve([]),
    } as unknown as TextStream;
    const queue = new SentenceQueue(text);
    const pushes = [queue.push('first', false), queue.push('second', true)];
    release();
    await Promise.all(pushes);
    expect(queue.first?.length).toBe(1);
    expect(queue.hasAny).toBe(true);
  });
});
