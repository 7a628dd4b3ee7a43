import { readSpan, readToken } from './normalizer.js';
import { parseInline } from './phone-notation.js';
import type { Pause } from './phone-set.js';
import type { Place } from './reading/rule.js';
import { isShouted } from './reading/words.js';
import { lineEndAt } from './segmenter.js';

/** A piece of text that is read as one: mostly a word, sometimes several (`5 kg`). */
export type Token = {
  /** What is said: lower-case words, single capitals to be spelled, `,` for a pause. */
  words: string[];
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
/** In the place of brackets around text. */
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
const ELIDED = /'(?:em|tis|twas|cause|til|round|bout|n)\b/iy;
const SPACE = /\s+/y;
const LEAD = /["'([{<*_`·]/;
const RAW = /(?:(?!--|\.\.\.|\[\[)\S)+|--+|\.\.\.+|\[/y;
const TAIL = /(?:(?!--|\.\.\.)["'.,;:!?)\]}>*_·])*(?:--+|\.\.\.+)?(?=["')\]}]*)/y;
const DASHES = /(?:--+|\.\.\.+)["')\]}]*/y;

/**
 * Cuts a sentence into what is read as one, and reads it.
 *
 * @param sentence - Clean text.
 * @param column - How many characters of its first line stand before it.
 * @returns Its tokens in order.
 * @throws {SpeechError} `OPTION_INVALID` if a symbol among phones in `[[ ]]` is none.
 */
export function readSentence(sentence: string, column = 0): Token[] {
  return new SentenceReader(sentence, column).read();
}

class SentenceReader {
  readonly #inline = new Map<number, { phones: string[]; length: number }>();
  readonly #text: string;
  readonly #column: number;
  readonly #tokens: Token[] = [];
  #previous = '';
  #isShouted: boolean | undefined;

  constructor(sentence: string, column: number) {
    this.#column = column;
    this.#text = !sentence.includes('[[')
      ? sentence
      : sentence.replace(INLINE, (whole, content: string, start: number) => {
          const phones = parseInline(content);
          if (phones === undefined) {
            return `${DROPPED}${content}${DROPPED}`;
          }
          this.#inline.set(start, { phones, length: whole.length });
          return whole;
        });
  }

  read(): Token[] {
    const text = this.#text;
    for (let index = 0; index < text.length;) {
      SPACE.lastIndex = index;
      if (SPACE.test(text)) {
        this.#passSpace(index, SPACE.lastIndex);
        index = SPACE.lastIndex;
      } else {
        index = this.#take(index);
      }
    }
    return this.#tokens;
  }

  /** A line's end is a pause, unless a sentence just wraps there. */
  #passSpace(start: number, end: number): void {
    const last = this.#tokens.at(-1);
    const line = this.#text.slice(start, end).indexOf('\n');
    if (last !== undefined && line >= 0 && end < this.#text.length) {
      if (lineEndAt(this.#text, start + line, this.#column) !== 'none') {
        last.pauseAfter ??= 'pau,';
      }
    }
  }

  /** Takes a token. @returns Where it ends. */
  #take(start: number): number {
    let pauseBefore = false;
    for (let index = start; ; index++) {
      const given = this.#inline.get(index);
      if (given !== undefined) {
        const end = index + given.length;
        return this.#push({ words: ['x'], phones: given.phones }, start, end, pauseBefore);
      }
      const place = this.#place(index);
      const span = readSpan(place);
      if (span !== undefined) {
        const end = index + span.length;
        const written = this.#text.slice(index, end);
        const next = this.#push({ words: span.words }, start, end, pauseBefore);
        this.#remember(written, this.#text.slice(end, next));
        return next;
      }
      if (
        !LEAD.test(this.#text[index] ?? '') ||
        this.#isElided(index) ||
        !/[^\s]/.test(this.#text[index + 1] ?? '')
      ) {
        return this.#takeRaw(start, index, pauseBefore, place);
      }
      pauseBefore ||= this.#text[index] === '(';
    }
  }

  /** 'tis, 'em: the apostrophe belongs to the word. */
  #isElided(index: number): boolean {
    ELIDED.lastIndex = index;
    return ELIDED.test(this.#text);
  }

  /** A token that no rule knows: what stands up to white space, a dash or an ellipsis. */
  #takeRaw(start: number, index: number, pauseBefore: boolean, place: Place): number {
    RAW.lastIndex = index;
    const raw = RAW.exec(this.#text)![0];
    const [, body = '', tail = ''] =
      /^(.*?)([^\w%$€£¥₹₩₿¢°+'&@#=]*|['".,;:!?)\]}>*_·]*)$/.exec(raw) ?? [];
    const core = body
      .replace(/^'+(?=\w+'?$)(?!(?:em|tis|twas|cause|til|round|bout|n|\d))/i, '')
      .replace(/(?<=[^s])'+$|^'+$/, '');
    const end = index + raw.length;
    const words = core === '' ? signWords(raw, place) : readToken(core, place);
    const marks = tail === '' && core === '' ? raw : tail;
    const next = this.#push({ words }, start, end, pauseBefore, marks);
    this.#remember(core, tail + this.#text.slice(end, next));
    return next;
  }

  #push(
    given: Pick<Token, 'words' | 'phones'>,
    start: number,
    end: number,
    pauseBefore: boolean,
    marks = '',
  ): number {
    const pattern = marks === '' ? TAIL : DASHES;
    pattern.lastIndex = end;
    const tail = pattern.exec(this.#text)?.[0] ?? '';
    const isPaused = given.words.at(-1) === ',';
    this.#tokens.push({
      ...given,
      words: isPaused ? given.words.slice(0, -1) : given.words,
      start,
      end: end + tail.length,
      pauseBefore,
      pauseAfter: pauseOf(marks + tail) ?? (isPaused ? 'pau,' : undefined),
    });
    return end + tail.length;
  }

  #place(start: number): Place {
    return {
      sentence: this.#text,
      start,
      previous: this.#previous,
      isShouted: () => (this.#isShouted ??= isShouted(this.#text)),
    };
  }

  /** Keeps the last word for the rules, unless a mark ends the clause. */
  #remember(written: string, marks: string): void {
    const word = /[\w'+#]+(?=\W*$)/.exec(written.slice(-30))?.[0] ?? '';
    this.#previous = /[,;!?()]/.test(marks) ? '' : word;
  }
}

/** A token of signs alone is read only where it stands for a word. */
function signWords(raw: string, place: Place): string[] {
  return /^[&@#%+=<>*/~^|$€£¥₹₩₿¢°×÷√]$/.test(raw) ? readToken(raw, place) : [];
}

/** The pause at marks in a row: the last one counts, a round bracket only beside no other mark. */
function pauseOf(tail: string): Pause | undefined {
  let pause: Pause | undefined;
  for (const [mark] of tail.matchAll(/--|^-$|[.,;:?!()]/g)) {
    pause = MARK_PAUSES[mark] ?? pause ?? 'pau,';
  }
  return pause;
}
