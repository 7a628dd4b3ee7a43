import type { Pause } from './phone-set.js';
import { ABBREVIATIONS, STREETS } from './tables.js';

/** A word as it is written. */
export type WrittenWord = {
  /** Without the marks around it. */
  text: string;
  /** Where it stands, with the period of a short form. */
  start: number;
  end: number;
  /** Whether a round bracket opens before it. */
  pauseBefore: boolean;
  /** Whether a mark that makes a pause follows it. */
  endsClause: boolean;
};

const MARK_PAUSES: Readonly<Record<string, Pause>> = {
  ',': 'pau,',
  ';': 'pau,',
  ':': 'pau,',
  '-': 'pau,',
  '--': 'pau,',
  '.': 'pau.',
  '?': 'pau?',
  '!': 'pau!',
};
const ELIDED = /'(?:em|tis|twas|cause|til|round|bout|n)\b/iy;
const LEAD = /["'([{<*_`·]/;
const RAW = /(?:(?!--|\.\.\.|\[\[)\S)+|--+|\.\.\.+|\[/y;

/**
 * Cuts a sentence at white space, dashes and ellipses, without regard to how it is read.
 *
 * @param text - A clean sentence.
 * @returns Its words; marks that stand alone are none.
 */
export function splitWritten(text: string): WrittenWord[] {
  const words: WrittenWord[] = [];
  let pauseBefore = false;
  for (let index = 0; index < text.length;) {
    if (/\s/.test(text[index]!)) {
      index++;
    } else if (isLeadAt(text, index)) {
      pauseBefore ||= text[index] === '(';
      index++;
    } else {
      const raw = rawAt(text, index);
      const { core, tail } = cutMarks(raw);
      const last = words.at(-1);
      if (core !== '') {
        words.push({ ...toWord(index + raw.indexOf(core), core, tail), pauseBefore });
        pauseBefore = false;
      } else if (last !== undefined) {
        last.endsClause ||= pauseOf(raw) !== undefined;
      }
      index += raw.length;
    }
  }
  return words;
}

function toWord(start: number, text: string, tail: string): Omit<WrittenWord, 'pauseBefore'> {
  const lower = text.toLowerCase();
  const isShort =
    /^(?:[a-z]\.)*[a-z]$/.test(lower) || ABBREVIATIONS.has(lower) || STREETS.has(lower);
  const numOwn = isShort && /^\.(?!\.)/.test(tail) ? 1 : 0;
  return {
    text,
    start,
    end: start + text.length + numOwn,
    endsClause: pauseOf(tail.slice(numOwn)) !== undefined,
  };
}

/**
 * @param text - A sentence.
 * @param index - A place without white space.
 * @returns Whether a mark stands there that opens something and does not belong to the word.
 */
export function isLeadAt(text: string, index: number): boolean {
  ELIDED.lastIndex = index;
  return LEAD.test(text[index]!) && !ELIDED.test(text) && /\S/.test(text[index + 1] ?? '');
}

/**
 * @param text - A sentence.
 * @param index - A place without white space.
 * @returns What stands there up to white space, a dash, an ellipsis or phones.
 */
export function rawAt(text: string, index: number): string {
  RAW.lastIndex = index;
  return RAW.exec(text)![0];
}

/**
 * Parts a word from the marks around it.
 *
 * @param raw - Text without white space.
 * @returns The word, empty if there is none, and the marks after it.
 */
export function cutMarks(raw: string): { core: string; tail: string } {
  const [, body = '', tail = ''] =
    /^(.*?)([^\w%$€£¥₹₩₿¢°+'&@#=]*|['".,;:!?)\]}>*_·]*)$/.exec(raw) ?? [];
  const core = body
    .replace(/^'+(?=\w+'?$)(?!(?:em|tis|twas|cause|til|round|bout|n|\d))/i, '')
    .replace(/(?<=[^s])'+$|^'+$/, '');
  return { core, tail };
}

/**
 * The pause at marks in a row: the last one counts, a round bracket only beside no other mark.
 *
 * @param tail - The marks.
 * @returns The pause; undefined if they make none.
 */
export function pauseOf(tail: string): Pause | undefined {
  let pause: Pause | undefined;
  for (const [mark] of tail.matchAll(/--|^-$|[.,;:?!()]/g)) {
    pause = MARK_PAUSES[mark] ?? pause ?? 'pau,';
  }
  return pause;
}
