import { readSpan, readToken, type Reading } from './normalizer.js';
import type { OwnWords } from './own-words.js';
import { parseInline } from './phone-notation.js';
import type { Pause } from './phone-set.js';
import type { Place } from './reading/rule.js';
import { isShouted } from './reading/words.js';
import { lineEndAt } from './segmenter.js';
import { cutMarks, isLeadAt, pauseOf, rawAt } from './written-words.js';

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
  /** Given in `[[ ]]` or by a user's dictionary. */
  phones?: string[];
  /** Whether a user's dictionary gave `phones` or `words`. */
  isOwn?: boolean;
};

/** How a sentence is read. */
export type ReadOptions = {
  /** How many characters of its first line stand before it; 0 by default. */
  column?: number;
  /** Words of users' dictionaries; none by default. */
  own?: OwnWords;
  /** Whether `[[ ]]` may hold phones; true by default. */
  hasInline?: boolean;
};

/** What is said for a place of the text, before any rule is asked. */
type Given = {
  length: number;
  /** As written, for the rules about the next word. */
  written?: string;
  /** Undefined if `written` is read by itself. */
  words?: string[];
  phones?: string[];
  isOwn?: boolean;
};

const INLINE = /\[\[([^\][]*)\]\]/g;
/** In the place of brackets around text. */
const DROPPED = '··';
const SPACE = /\s+/y;
const TAIL = /(?:(?!--|\.\.\.)["'.,;:!?)\]}>*_·])*(?:--+|\.\.\.+)?(?=["')\]}]*)/y;
const DASHES = /(?:--+|\.\.\.+)["')\]}]*/y;

/**
 * Cuts a sentence into what is read as one, and reads it.
 *
 * @param sentence - Clean text.
 * @param options - See there.
 * @returns Its tokens in order.
 * @throws {SpeechError} `OPTION_INVALID` if a symbol among phones in `[[ ]]` is none.
 */
export function readSentence(sentence: string, options: ReadOptions = {}): Token[] {
  return new SentenceReader(sentence, options).read();
}

class SentenceReader {
  /** By where they begin, in order. */
  readonly #given: ReadonlyMap<number, Given>;
  readonly #text: string;
  readonly #column: number;
  readonly #tokens: Token[] = [];
  #previous = '';
  #isShouted: boolean | undefined;

  constructor(sentence: string, { column = 0, own, hasInline = true }: ReadOptions) {
    this.#column = column;
    const inline = new Map<number, Given>();
    this.#text = sentence.includes('[[') ? takeInline(sentence, hasInline, inline) : sentence;
    if (own === undefined || own.isEmpty) {
      this.#given = inline;
    } else {
      const given = new Map(inline);
      takeOwn(this.#text, own, given);
      this.#given = new Map([...given].sort(([a], [b]) => a - b));
    }
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
      const given = this.#given.get(index);
      if (given !== undefined) {
        return this.#takeGiven(given, start, index, pauseBefore);
      }
      const place = this.#place(index);
      const span = this.#readSpan(place);
      if (span !== undefined) {
        const end = index + span.length;
        const written = this.#text.slice(index, end);
        const next = this.#push({ words: span.words }, start, end, pauseBefore);
        this.#remember(written, this.#text.slice(end, next));
        return next;
      }
      if (!isLeadAt(this.#text, index)) {
        return this.#takeRaw(start, index, pauseBefore, place);
      }
      pauseBefore ||= this.#text[index] === '(';
    }
  }

  #takeGiven(given: Given, start: number, index: number, pauseBefore: boolean): number {
    const { length, written, phones, isOwn } = given;
    const end = index + length;
    const words = given.words ?? readToken(written ?? '', this.#place(index));
    const token = { words, ...(phones && { phones }), ...(isOwn && { isOwn }) };
    const next = this.#push(token, start, end, pauseBefore);
    if (written !== undefined) {
      this.#remember(written, this.#text.slice(end, next));
    }
    return next;
  }

  /** A rule may not take what is given: `5 C` is no temperature if a dictionary knows C. */
  #readSpan(place: Place): Reading | undefined {
    const span = readSpan(place);
    if (span === undefined || this.#given.size === 0) {
      return span;
    }
    const { sentence, start } = place;
    const taken = Array.from(this.#given.keys()).find((at) => at > start);
    return taken === undefined || start + span.length <= taken
      ? span
      : readSpan({ ...place, sentence: sentence.slice(0, taken) });
  }

  /** A token that no rule knows: what stands up to white space, a dash or an ellipsis. */
  #takeRaw(start: number, index: number, pauseBefore: boolean, place: Place): number {
    const raw = rawAt(this.#text, index);
    const { core, tail } = cutMarks(raw);
    const end = index + raw.length;
    const words = core === '' ? signWords(raw, place) : readToken(core, place);
    const marks = tail === '' && core === '' ? raw : tail;
    const next = this.#push({ words }, start, end, pauseBefore, marks);
    this.#remember(core, tail + this.#text.slice(end, next));
    return next;
  }

  #push(
    given: Pick<Token, 'words' | 'phones' | 'isOwn'>,
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

/** Finds phones in `[[ ]]`. @returns The text, without the brackets around anything else. */
function takeInline(sentence: string, hasInline: boolean, given: Map<number, Given>): string {
  return sentence.replace(INLINE, (whole, content: string, start: number) => {
    const phones = hasInline ? parseInline(content) : undefined;
    if (phones === undefined) {
      return `${DROPPED}${content}${DROPPED}`;
    }
    given.set(start, { words: ['x'], phones, length: whole.length });
    return whole;
  });
}

/** Finds words of users' dictionaries. Phones in the text part the words around them. */
function takeOwn(text: string, own: OwnWords, given: Map<number, Given>): void {
  let parted = text;
  for (const [start, { length }] of given) {
    parted = `${parted.slice(0, start)} ${','.repeat(length - 2)} ${parted.slice(start + length)}`;
  }
  for (const { start, end, written, reading } of own.findIn(parted)) {
    given.set(start, { length: end - start, written, ...reading });
  }
}
