import { SpeechError } from '../../../base/errors.js';
import { TextSource } from '../../../engine/client/text-source.js';

async function readAll(source: TextSource): Promise<string[]> {
  const pieces: string[] = [];
  for (;;) {
    const { text, isLast } = await source.read();
    pieces.push(text);
    if (isLast) {
      return pieces;
    }
  }
}

async function* words(...list: unknown[]): AsyncGenerator<string> {
  for (const word of list) {
    await Promise.resolve();
    yield word as string;
  }
}

describe('TextSource', () => {
  it('gives a long string in pieces that are the string again', async () => {
    const text = 'abcdefg '.repeat(1234);
    const pieces = await readAll(new TextSource(text));
    expect(pieces.join('')).toBe(text);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(2001);
  });

  it('cuts no surrogate pair', async () => {
    const text = `x${'😀'.repeat(3000)}`;
    const pieces = await readAll(new TextSource(text));
    expect(pieces.every((piece) => !/[\ud800-\udfff]/u.test(piece))).toBe(true);
    expect(pieces.join('')).toBe(text);
  });

  it('passes pieces on as they come', async () => {
    expect((await readAll(new TextSource(words('one ', '', 'two')))).join('|')).toBe('one |two|');
  });

  it('reports what is no text', async () => {
    const codeOf = (action: () => unknown): string => {
      try {
        action();
        return 'none';
      } catch (error) {
        return (error as SpeechError).code;
      }
    };
    expect(codeOf(() => new TextSource(5 as unknown as string))).toBe('OPTION_INVALID');
    await expect(readAll(new TextSource(words('one', 2)))).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  });

  it('ends the iterable when it is closed', async () => {
    let isEnded = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) {
          await Promise.resolve();
          yield 'word ';
        }
      } finally {
        isEnded = true;
      }
    }
    const source = new TextSource(endless());
    await source.read();
    source.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(isEnded).toBe(true);
  });
});
