import { SentenceQueue } from '../../../tts/pipeline/sentence-queue.js';
import type { TextStream, Utterance } from '../../../tts/text/index.js';

const UTTERANCE = {
  words: [{ text: 'a' }],
  phones: [{ phone: 'ax', wordIndex: 0, wordStart: true }],
} as unknown as Utterance;

describe('SentenceQueue', () => {
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
