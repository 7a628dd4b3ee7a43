import { Sentence } from '../../../tts/pipeline/sentence.js';
import { SentenceQueue } from '../../../tts/pipeline/sentence-queue.js';
import { PHONES, TextFrontEnd } from '../../../tts/text/index.js';

const REACH = 12;

let frontEnd: TextFrontEnd;

beforeAll(async () => {
  frontEnd = await TextFrontEnd.load();
});

function openQueue(isLive = true): SentenceQueue {
  return new SentenceQueue(frontEnd.stream(), { isLive, reach: REACH });
}

/** Phones of the sentence that is spoken next, as far as they are settled. */
function settled(queue: SentenceQueue): string[] {
  const { first } = queue;
  return Array.from({ length: first?.length ?? 0 }, (_, pointer) => phoneAt(first!, pointer));
}

function phoneAt(sentence: Sentence, pointer: number): string {
  return PHONES[sentence.phoneIdOf(pointer)]!;
}

async function pushWords(queue: SentenceQueue, text: string): Promise<void> {
  for (const piece of text.split(/(?<= )/)) {
    await queue.push({ text: piece, isLast: false });
  }
}

/** All sentences, phones joined by spaces. */
async function takeAll(queue: SentenceQueue): Promise<string[]> {
  const sentences: string[] = [];
  for (let { first } = queue; first !== undefined; first = queue.first) {
    sentences.push(settled(queue).join(' '));
    queue.shift();
    await queue.readAhead();
  }
  return sentences;
}

async function wholeOf(text: string): Promise<string[]> {
  const utterances = await frontEnd.process(text);
  return utterances.map(({ phones }) => phones.map(({ phone }) => phone).join(' '));
}

describe('a text that is spoken while it is written', () => {
  it('has a word settled once six phones follow it', async () => {
    const queue = openQueue();
    await pushWords(queue, 'The quick ');
    expect(settled(queue)).toEqual([]);
    await pushWords(queue, 'brown ');
    expect(settled(queue)).toEqual(['pau,', 'dh', 'ah0']);
    await pushWords(queue, 'fox jumps ');
    expect(settled(queue)).toEqual([
      'pau,',
      'dh',
      'ah0',
      'k',
      'w',
      'ih1',
      'k',
      'b',
      'r',
      'aw1',
      'n',
    ]);
    expect(queue.first?.isWhole).toBe(false);
  });

  it('waits for the end of a sentence otherwise', async () => {
    const queue = openQueue(false);
    await pushWords(queue, 'The quick brown fox jumps over the ');
    expect(queue.first).toBeUndefined();
  });

  it.each([
    'The quick brown fox jumps over the lazy dog. It sleeps until the morning, and then it runs.',
    'I will read it tomorrow, because I read it yesterday: a lead pipe does not lead anywhere!',
    'He lives at 12 Elm St. in Springfield, Mr. Smith said. Is that so? Yes.',
  ])('is read as a whole one: %s', async (text) => {
    const queue = openQueue();
    await pushWords(queue, text);
    await queue.push({ text: '', isLast: true });
    expect(await takeAll(queue)).toEqual(await wholeOf(text));
    expect(queue.isOver).toBe(true);
  });

  it('says what follows a number that it has begun', async () => {
    const queue = openQueue();
    await pushWords(queue, 'It costs 3 million dollars in total.');
    await queue.push({ text: '', isLast: true });
    expect(await takeAll(queue)).toEqual(await wholeOf('It costs 3 million dollars in total.'));
  });

  it('never takes back what was settled, whatever follows', async () => {
    const queue = openQueue();
    const texts = [
      'Please give me about 5',
      ' extraordinarily',
      ' ft. 10 in. of it',
      ', said Gen',
      '. 1:1 to the',
      ' wind',
    ];
    let before: string[] = [];
    for (const text of texts) {
      await queue.push({ text, isLast: false });
      const now = settled(queue);
      expect(now.slice(0, before.length)).toEqual(before);
      before = now;
    }
    expect(before.length).toBeGreaterThan(20);
  });

  it('goes on after what was settled where a long sentence is cut before it', async () => {
    const words = Array.from({ length: 90 }, (_, index) => (index === 20 ? 'end,' : 'banana'));
    const queue = openQueue();
    await pushWords(queue, words.join(' '));
    await queue.push({ text: '', isLast: true });
    const phones = (await takeAll(queue)).join(' ');
    expect(phones.match(/n ae1 n ah0/g)).toHaveLength(89);
  });

  it('ends a sentence at a flush, and tells of it after it', async () => {
    const queue = openQueue();
    await queue.push({ text: 'Hello wor', isLast: false });
    await queue.push({ text: 'ld', isLast: false, flush: 1 });
    await queue.push({ text: 'And then', isLast: false, flush: 2 });
    expect(queue.dueFlush).toBeUndefined();
    expect(queue.first?.isWhole).toBe(true);
    expect(settled(queue).at(-1)).toBe('pau.');
    queue.shift();
    expect(queue.dueFlush).toEqual({ flush: 1, hasSnapshot: false });
    expect(queue.first).toBeUndefined();
    queue.shift();
    expect(queue.first?.words.map(({ text, start }) => [text, start])).toEqual([
      ['And', 11],
      ['then', 15],
    ]);
    queue.shift();
    expect(queue.dueFlush).toMatchObject({ flush: 2 });
  });

  it('may have nothing to speak', async () => {
    const queue = openQueue();
    await queue.push({ text: ' ...', isLast: true });
    expect(queue.isOver).toBe(true);
  });

  it('does not read phones in brackets before these are closed', async () => {
    const queue = openQueue();
    await queue.push({ text: 'Say [[HH AH0 L OW1', isLast: false });
    await queue.push({ text: ']] to everybody over there.', isLast: true });
    expect(await takeAll(queue)).toEqual(
      await wholeOf('Say [[HH AH0 L OW1]] to everybody over there.'),
    );
  });

  it('gives phones with those around them for the encoder, and each once', async () => {
    const queue = openQueue();
    await pushWords(queue, 'The quick brown fox jumps over the lazy dog ');
    const pieces = [];
    const sentence = queue.first!;
    for (let piece = sentence.takePiece(); piece !== undefined; piece = sentence.takePiece()) {
      pieces.push(piece);
    }
    const all = settled(queue);
    const wanted = pieces.flatMap(({ phoneIds, skip, maxDwell }) =>
      Array.from(phoneIds.slice(skip, skip + maxDwell.length), (id) => PHONES[id]),
    );
    expect(wanted).toEqual(all);
    expect(pieces.length).toBeGreaterThan(3);
    let from = 0;
    for (const { skip, maxDwell, phoneIds } of pieces) {
      expect(skip).toBe(Math.min(from, REACH));
      expect(phoneIds.length - skip - maxDwell.length).toBeGreaterThanOrEqual(6);
      from += maxDwell.length;
    }
  });

  it('spreads the phones of a word over its letters', async () => {
    const queue = openQueue();
    await queue.push({ text: ' Hello, world', isLast: true });
    const sentence = queue.first!;
    const offsets = Array.from({ length: sentence.length }, (_, pointer) =>
      sentence.offsetOf(pointer),
    );
    // a pause, hh ah l ow, a pause, w er l d, a pause
    expect(offsets).toEqual([-1, 1, 3, 4, 6, 7, 8, 9, 11, 12, 13]);
    expect(sentence.end).toBe(13);
  });
});
