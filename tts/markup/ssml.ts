import { SaxesParser } from 'saxes';
import { SpeechError } from '../../base/errors.js';
import { readIpa } from '../text/ipa.js';
import { readPhones } from '../text/phone-notation.js';
import { clampSpeed, SPEED_RANGE } from '../time-stretch/index.js';
import { isSayAsKind, sayAs } from './say-as.js';
import {
  checkDocumentLength,
  SegmentBuilder,
  type ParsedDocument,
  type SegmentStyle,
} from './segments.js';
import { RATE_NAMES, readRate, readSeconds, readStrength, STRENGTHS } from './ssml-values.js';

type Attributes = Readonly<Record<string, string>>;

/** An element that is open. */
type Open = {
  name: string;
  /** In force before it. */
  style: SegmentStyle;
  /** What it says in place of its own content. */
  replace?: (content: string) => string;
};

const MAX_DEPTH = 100;
/** What a parser's complaint is about, in our words: its own may quote the text. */
const COMPLAINTS: readonly (readonly [RegExp, string])[] = [
  [/undefined entity/, 'only the entities &amp; &lt; &gt; &quot; and &apos; are known'],
  [/entity/, 'an & must begin an entity or be written &amp;'],
  [/unclosed tag|unexpected end|contain a root/, 'it ends before its elements do'],
  [/clos(?:e|ing) tag/, 'a closing tag has no opening one'],
  [/attribute|quoted/, 'an attribute is not written name="value", or stands twice'],
  [/outside of root|one root/, 'everything must be inside one speak element'],
  [/disallowed character|malformed name/, 'a character is not allowed here'],
];

/**
 * Reads SSML. `speak`, `break`, `say-as`, `sub`, `phoneme` (alphabets `ipa` and `x-linnet`, which is
 * our own), `prosody rate`, `p`, `s` and `voice name` are followed; `emphasis` is read as plain text;
 * other elements and attributes are passed over, their text read, with a warning that names them.
 * Nothing is ever fetched, and a document can define no entities.
 *
 * @param ssml - An XML document with the root `speak`, at most 2,000,000 characters.
 * @returns Segments and warnings. Voices are named as in the document.
 * @throws {SpeechError} `TEXT_TOO_LONG`; `MARKUP_INVALID`, with line and column, if it is not
 * well-formed, has another root or is nested deeper than 100, or if a time, a rate or a phone has no
 * meaning.
 */
export function parseSsml(ssml: string): ParsedDocument {
  checkDocumentLength(ssml);
  return new SsmlReader().read(ssml);
}

class SsmlReader {
  readonly #builder = new SegmentBuilder();
  readonly #parser = new SaxesParser();
  readonly #open: Open[] = [];
  /** Text of an element that says something else. */
  #content: string | undefined;
  /** Elements inside `desc` or `metadata`, which nobody is to hear. */
  #numSilent = 0;

  read(ssml: string): ParsedDocument {
    const parser = this.#parser;
    parser.on('error', ({ message }) => {
      const complaint = COMPLAINTS.find(([pattern]) => pattern.test(message))?.[1];
      throw this.#invalid(`it is not well-formed XML${complaint ? `: ${complaint}` : ''}`);
    });
    parser.on('opentag', ({ name, attributes }) => {
      this.#begin(name, attributes);
    });
    parser.on('closetag', () => {
      this.#end();
    });
    const take = (text: string): void => {
      this.#text(text);
    };
    parser.on('text', take);
    parser.on('cdata', take);
    parser.write(ssml.replace(/^\ufeff/, '')).close();
    return this.#builder.finish();
  }

  #text(text: string): void {
    if (this.#numSilent > 0) {
      return;
    }
    if (this.#content === undefined) {
      this.#builder.text(text);
    } else {
      this.#content += text;
    }
  }

  #begin(name: string, attributes: Attributes): void {
    if (this.#open.length === 0 && name !== 'speak') {
      throw this.#invalid('the root element must be speak');
    }
    if (this.#open.length >= MAX_DEPTH) {
      throw this.#invalid(`elements are nested deeper than ${MAX_DEPTH}`);
    }
    const open: Open = { name, style: this.#builder.style };
    this.#open.push(open);
    if (this.#numSilent > 0 || name === 'desc' || name === 'metadata') {
      this.#numSilent++;
    } else if (this.#content !== undefined) {
      // say-as, sub and phoneme hold text alone
      this.#ignore(name);
    } else {
      const replace = this.#enter(name, attributes);
      if (replace !== undefined) {
        open.replace = replace;
        this.#content = '';
      }
    }
  }

  /** Follows an element; what it returns makes the words of its content. */
  #enter(name: string, attributes: Attributes): Open['replace'] {
    switch (name) {
      case 'speak':
      case 'emphasis':
        return undefined;
      case 'p':
      case 's':
        this.#builder.endSentence();
        return undefined;
      case 'break':
        this.#builder.pause(this.#breakSeconds(attributes));
        return undefined;
      case 'prosody':
        this.#changeRate(attributes);
        return undefined;
      case 'voice':
        this.#changeVoice(attributes);
        return undefined;
      case 'sub':
        return this.#substitute(attributes);
      case 'say-as':
        return this.#sayAs(attributes);
      case 'phoneme':
        return this.#phoneme(attributes);
      default:
        this.#ignore(name);
        return undefined;
    }
  }

  #end(): void {
    const { name, style, replace } = this.#open.pop()!;
    if (this.#numSilent > 0) {
      this.#numSilent--;
      return;
    }
    if (replace !== undefined) {
      const content = this.#content ?? '';
      this.#content = undefined;
      this.#builder.word(replace(content));
    }
    if (name === 'p' || name === 's') {
      this.#builder.endSentence();
    }
    this.#builder.setStyle(style);
  }

  #breakSeconds({ time, strength = 'medium' }: Attributes): number {
    const seconds = time === undefined ? readStrength(strength) : readSeconds(time);
    if (seconds === undefined) {
      throw this.#invalid(
        `break needs a time, a number with s or ms such as "500ms", or a strength: ${STRENGTHS}`,
      );
    }
    return seconds;
  }

  #changeRate({ rate, ...others }: Attributes): void {
    for (const name of Object.keys(others)) {
      this.#ignore(`prosody ${name}`);
    }
    if (rate === undefined) {
      return;
    }
    const factor = readRate(rate);
    if (factor === undefined) {
      throw this.#invalid(
        `prosody rate must be ${RATE_NAMES}, a percentage such as "120%" or "-20%", or a factor`,
      );
    }
    const { speed = 1, ...style } = this.#builder.style;
    const wanted = speed * factor;
    const allowed = clampSpeed(wanted);
    if (allowed !== wanted) {
      this.#builder.warn(
        `A rate outside ${SPEED_RANGE.min} to ${SPEED_RANGE.max} was brought into that range.`,
      );
    }
    this.#builder.setStyle(allowed === 1 ? style : { ...style, speed: allowed });
  }

  #changeVoice({ name, ...others }: Attributes): void {
    for (const other of Object.keys(others)) {
      this.#ignore(`voice ${other}`);
    }
    if (name !== undefined && name.trim() !== '') {
      this.#builder.setStyle({ ...this.#builder.style, voice: name.trim() });
    }
  }

  #substitute({ alias }: Attributes): Open['replace'] {
    if (alias === undefined) {
      throw this.#invalid('sub needs an alias');
    }
    return () => alias;
  }

  #sayAs({ 'interpret-as': kind, format = '' }: Attributes): Open['replace'] {
    if (kind === undefined) {
      throw this.#invalid('say-as needs interpret-as');
    }
    const known = kind.trim().toLowerCase();
    if (!isSayAsKind(known)) {
      this.#builder.warn(`SSML: say-as ${nameOf(kind)} is not supported; its text was read.`);
      return undefined;
    }
    return (content) => sayAs(content, known, format);
  }

  #phoneme({ alphabet = 'ipa', ph }: Attributes): Open['replace'] {
    if (ph === undefined || ph.trim() === '') {
      throw this.#invalid('phoneme needs ph, the phones');
    }
    const words = alphabet === 'ipa' ? this.#ipa(ph) : this.#ownPhones(alphabet, ph);
    const written = words?.map((phones) => `[[${phones.join(' ').toUpperCase()}]]`).join(' ');
    return written === undefined || written === '' ? undefined : () => written;
  }

  #ipa(ph: string): string[][] {
    const reading = readIpa(ph);
    if ('unknown' in reading) {
      throw this.#unknownPhone(reading.unknown, 'a sound of English in IPA');
    }
    return reading.words;
  }

  #ownPhones(alphabet: string, ph: string): string[][] | undefined {
    if (alphabet !== 'x-linnet') {
      this.#builder.warn(
        `SSML: phoneme alphabet ${nameOf(alphabet)} is not supported; the text was read.`,
      );
      return undefined;
    }
    const phones = readPhones(ph);
    const index = phones.indexOf(undefined);
    if (index >= 0) {
      throw this.#unknownPhone(ph.trim().split(/\s+/)[index]!, 'in our phone set');
    }
    return [phones as string[]];
  }

  #unknownPhone(symbol: string, where: string): SpeechError {
    return this.#invalid(`phoneme ph holds ${JSON.stringify(symbol.slice(0, 8))}, not ${where}`);
  }

  #ignore(name: string): void {
    this.#builder.warn(`SSML: ${nameOf(name)} is not supported; it was passed over.`);
  }

  #invalid(problem: string): SpeechError {
    const { line, column } = this.#parser;
    return new SpeechError('MARKUP_INVALID', `input, line ${line}, column ${column}: ${problem}.`, {
      line,
      column,
    });
  }
}

/** A name as it may stand in a warning and in a header: short and of plain characters. */
function nameOf(name: string): string {
  return name.replace(/[^\w:. -]/g, '?').slice(0, 40);
}
