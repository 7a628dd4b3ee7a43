import { SentenceQueue } from '../../../tts/pipeline/sentence-queue.js';
import type { TextStream, Utterance } from '../../../tts/text/index.js';

const UTTERANCE = {
  words: [{ text: 'a', start: 0, end: 1 }],
  phones: [{ phone: 'ax', wordIndex: 0, wordStart: true }],
} as unknown as Utterance;

const OPTIONS = { isLive: false, reach: 12 };

describe('SentenceQueue', () => {
  it('shortens the silence before the first sentence alone', async () => {
    const pause = { phone: 'pau,', wordIndex: -1, wordStart: false };
    const sentence = { ...UTTERANCE, phones: [pause, ...UTTERANCE.phones] };
    const text = {
      async *read() {
        const next = { ...sentence, words: [{ text: 'a', start: 2, end: 3 }] };
        yield* await Promise.resolve([sentence, next as unknown as Utterance]);
      },
      flush: () => Promise.resolve([]),
    } as unknown as TextStream;
    const queue = new SentenceQueue(text, OPTIONS);
    await queue.push({ text: 'two', isLast: true });
    expect(queue.first?.takePiece()?.maxDwell[0]).toBe(5);
    queue.shift();
    expect(queue.first?.takePiece()?.maxDwell[0]).toBe(30);
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
    const queue = new SentenceQueue(text, OPTIONS);
    const pushes = [
      queue.push({ text: 'first', isLast: false }),
      queue.push({ text: 'second', isLast: true }),
    ];
    release();
    await Promise.all(pushes);
    expect(queue.first?.length).toBe(1);
    expect(queue.hasAny).toBe(true);
  });
});
