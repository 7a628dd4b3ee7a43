const MAX_LENGTH = 200;
/** Code points of writing in use, and how often a text takes from them. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x20, 0x7e],
  [0x30, 0x39],
  [0x61, 0x7a],
  [0x00, 0x1f],
  [0xa0, 0x24f],
  [0x300, 0x6ff],
  [0x2000, 0x2bff],
  [0x3000, 0x9fff],
  [0x1f300, 0x1faff],
  [0, 0x10ffff],
];
/** What the front end has rules for, so that they are met more often than by chance. */
const PARTS =
  '$ € % ° . , : / - -- ... ( ) [[ ]] \' " # @ _ \n \t am Dr. St. IV 1/2 12:30 www. .com kg x ^2 = < ½ ²'.split(
    ' ',
  );

/**
 * Random texts, the same in each run.
 *
 * @param count - How many.
 * @param seed - Any integer.
 * @returns Strings of up to 200 characters, lone surrogates included.
 */
export function* randomTexts(count: number, seed: number): Generator<string> {
  let state = seed;
  const next = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let index = 0; index < count; index++) {
    const length = next(MAX_LENGTH + 1);
    const characters = Array.from({ length: 1 + next(3) }, () => RANGES[next(RANGES.length)]!);
    let text = '';
    while (text.length < length) {
      const [first, last] = characters[next(characters.length)]!;
      text += next(8) === 0 ? PARTS[next(PARTS.length)]! : toText(first + next(last - first + 1));
    }
    yield Array.from(text).slice(0, MAX_LENGTH).join('');
  }
}

/** @param text - Any text. @returns Whether it has a word that can be spoken, as two Latin letters are. */
export function hasWords(text: string): boolean {
  // a trade mark's sign says nothing
  return /[a-z]{2}|\d/i.test(
    text
      .replace(/[™℠]/g, '')
      .normalize('NFKC')
      .replace(/\[\[[^\][]*\]\]/g, ''),
  );
}

function toText(code: number): string {
  return code >= 0xd800 && code < 0xe000 ? String.fromCharCode(code) : String.fromCodePoint(code);
}
