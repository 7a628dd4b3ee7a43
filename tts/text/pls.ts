import { SaxesParser, type SaxesTagNS } from 'saxes';
import { SpeechError } from '../../base/errors.js';
import type { DictionaryEntry } from './dictionary.js';

const ROOT = /^\s*<(?:\?xml\s|!--|!DOCTYPE\s|(?:[\w.-]+:)?lexicon[\s>])/;
const ALPHABETS = ['ipa', 'x-linnet'];
/** Elements whose text counts. */
const TEXTS: readonly string[] = ['grapheme', 'phoneme', 'alias'];

type Lexeme = { words: string[]; says: { text: string; isPreferred: boolean }[]; line: number };

/** @param text - A file's content. @returns Whether it is XML rather than lines with tabs. */
export function isPls(text: string): boolean {
  return ROOT.test(text.replace(/^\ufeff/, ''));
}

/**
 * Reads the W3C's Pronunciation Lexicon Specification 1.0: each `grapheme` of a `lexeme` is said as its
 * first `phoneme` or `alias`, or the one with `prefer="true"`. Alphabets are `ipa` and `x-linnet`, our
 * own phones. Entities are XML's five; a document type is passed over. Roles, examples and metadata
 * are passed over too.
 *
 * @param text - The document.
 * @param name - The file's name, for errors.
 * @returns Its entries.
 * @throws {SpeechError} `OPTION_INVALID` if it is no such document, with line and column.
 */
export function parsePls(text: string, name: string): DictionaryEntry[] {
  return new PlsReader(name).read(text.replace(/^\ufeff/, '').trimStart());
}

class PlsReader {
  readonly #parser = new SaxesParser({ xmlns: true, position: true });
  readonly #name: string;
  readonly #entries: DictionaryEntry[] = [];
  /** The elements that are open. */
  readonly #path: string[] = [];
  #alphabet = 'ipa';
  #textAlphabet = 'ipa';
  #isPreferred = false;
  #text = '';
  #lexeme: Lexeme | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  read(text: string): DictionaryEntry[] {
    this.#parser.on('error', ({ message }) => {
      // saxes puts line and column in front, and may quote the document behind
      const [problem = ''] = message.replace(/^\d+:\d+: /, '').split(/[:"']/);
      throw this.#invalid(`it is not well-formed XML: ${problem.trim().replace(/\.$/, '')}`);
    });
    this.#parser.on('opentag', (tag) => {
      this.#open(tag);
    });
    this.#parser.on('text', (piece) => {
      this.#text += piece;
    });
    this.#parser.on('cdata', (piece) => {
      this.#text += piece;
    });
    this.#parser.on('closetag', (tag) => {
      this.#close(tag.local);
    });
    this.#parser.write(text).close();
    return this.#entries;
  }

  #open({ local, attributes }: SaxesTagNS): void {
    if (this.#path.length === 0 && local !== 'lexicon') {
      throw this.#invalid('its root must be a lexicon');
    }
    this.#path.push(local);
    this.#text = '';
    if (local === 'lexicon') {
      this.#alphabet = this.#alphabetOf(attributes['alphabet']?.value ?? 'ipa');
    } else if (local === 'lexeme') {
      this.#lexeme = { words: [], says: [], line: this.#parser.line };
    } else if (TEXTS.includes(local)) {
      this.#textAlphabet = this.#alphabetOf(attributes['alphabet']?.value ?? this.#alphabet);
      this.#isPreferred = attributes['prefer']?.value === 'true';
    }
  }

  #close(local: string): void {
    this.#path.pop();
    const lexeme = this.#lexeme;
    if (lexeme === undefined) {
      return;
    }
    const text = this.#text.trim().replace(/\s+/g, ' ');
    if (local === 'grapheme') {
      lexeme.words.push(text);
    } else if (local === 'alias' || local === 'phoneme') {
      const isIpa = local === 'phoneme' && this.#textAlphabet === 'ipa';
      lexeme.says.push({ text: isIpa ? `/${text}/` : text, isPreferred: this.#isPreferred });
    } else if (local === 'lexeme') {
      this.#lexeme = undefined;
      this.#addLexeme(lexeme);
    }
  }

  #addLexeme({ words, says, line }: Lexeme): void {
    const say = (says.find(({ isPreferred }) => isPreferred) ?? says[0])?.text;
    const where = `${this.#name}, line ${line}`;
    if (say === undefined || words.length === 0) {
      throw invalid(where, 'a lexeme must hold a grapheme, and a phoneme or an alias');
    }
    this.#entries.push(...words.map((word) => ({ word, say, where })));
  }

  #alphabetOf(alphabet: string): string {
    if (!ALPHABETS.includes(alphabet)) {
      throw this.#invalid(`its alphabet must be one of ${ALPHABETS.join(', ')}`);
    }
    return alphabet;
  }

  #invalid(problem: string): SpeechError {
    const { line, column } = this.#parser;
    return invalid(`${this.#name}, line ${line}, column ${column}`, problem);
  }
}

function invalid(where: string, problem: string): SpeechError {
  return new SpeechError('OPTION_INVALID', `${where}: ${problem}.`, { where });
}
