import { parseInline } from './phone-notation.js';
import type { Pause } from './phone-set.js';
import { ABBREVIATIONS } from './tables.js';

/** A piece of text between white space. */
export type Token = {
  /** Without the punctuation at its ends. */
  text: string;
  /** Where it stands in the sentence, with its punctuation. */
  start: number;
  end: number;
  /** Whether a round bracket opens before it. */
  pauseBefore: boolean;
  /** At the marks after it. */
  pauseAfter: Pause | undefined;
  /** Given in `[[ ]]`. */
  phones?: string[];
};

const INLINE = /\[\[([^\][]*)\]\]/g;
/** In the place of brackets around text; clean text is ASCII. */
const DROPPED = '··';
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

/**
 * Cuts a sentence at white space and takes the punctuation off its tokens.
 *
 * @param sentence - Clean text.
 * @returns Its tokens in order.
 * @throws {SpeechError} `OPTION_INVALID` if a symbol among phones in `[[ ]]` is none.
 */
export function splitTokens(sentence: string): Token[] {
  const inline = new Map<number, string[]>();
  const text = sentence.replace(INLINE, (whole, content: string, start: number) => {
    const phones = parseInline(content);
    if (phones === undefined) {
      return `${DROPPED}${content}${DROPPED}`;
    }
    inline.set(start, phones);
    return whole;
  });
  const tokens: Token[] = [];
  for (const match of text.matchAll(/\[\[[^\][]*\]\][^\s\w[]*|(?:(?!\[\[[^\][]*\]\])\S)+/g)) {
    const phones = inline.get(match.index);
    if (phones === undefined) {
      tokens.push(...splitDashes(match[0], match.index));
      continue;
    }
    tokens.push({
      text: 'x',
      start: match.index,
      end: match.index + match[0].length,
      pauseBefore: false,
      pauseAfter: pauseOf(match[0].slice(match[0].indexOf(']]') + 2)),
      phones,
    });
  }
  return tokens;
}

/** A token, or several where dashes or an ellipsis join words: `wait--no`. */
function splitDashes(raw: string, start: number): Token[] {
  const tokens: Token[] = [];
  for (const match of raw.matchAll(/(?:(?!--|\.\.\.).)+(?:--+|\.\.\.+)?|--+|\.\.\.+/g)) {
    const [, lead = '', text = '', tail = ''] =
      /^(["'([{<*_`·]*)(.*?)([^\w%$€£¥¢+'&@#=]*|['".,;:!?)\]}>*_·]*)$/.exec(match[0]) ?? [];
    const core = text
      .replace(/^'+(?=\w+'?$)(?!(?:em|tis|twas|cause|til|round|bout|n|\d))/i, '')
      .replace(/(?<=[^s])'+$|^'+$/, '');
    const isInitials = /^(?:[A-Za-z]\.)*[A-Za-z]$/.test(core);
    const isShort = isInitials || Object.hasOwn(ABBREVIATIONS, core.toLowerCase());
    const period = /^\.(?!\.)/.test(tail) && isShort;
    tokens.push({
      text: period && isInitials ? `${core}.` : core === '' ? signsOf(match[0]) : core,
      start: start + match.index,
      end: start + match.index + match[0].length,
      pauseBefore: lead.includes('('),
      pauseAfter: pauseOf(period ? tail.slice(1) : tail === '' && core === '' ? match[0] : tail),
    });
  }
  return tokens;
}

/** A token of signs alone is read only where it stands for a word. */
function signsOf(raw: string): string {
  return /^[&@#%+=<>*/~^|$€£¥¢]$/.test(raw) ? raw : '';
}

/** The pause at marks in a row: the last one counts, a round bracket only beside no other mark. */
function pauseOf(tail: string): Pause | undefined {
  let pause: Pause | undefined;
  for (const [mark] of tail.matchAll(/--|^-$|[.,;:?!()]/g)) {
    pause = MARK_PAUSES[mark] ?? pause ?? 'pau,';
  }
  return pause;
}
