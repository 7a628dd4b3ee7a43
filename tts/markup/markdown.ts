import { Lexer, Parser, Renderer, type Token, type Tokens } from 'marked';
import { SpeechError } from '../../base/errors.js';
import { readHtml } from './html.js';
import { checkDocumentLength, type ParsedDocument } from './segments.js';

/** Code of more lines is only mentioned. */
const MAX_CODE_LINES = 3;
/**
 * Signs squared times characters of a paragraph up to which its inline marks are read; beyond, they
 * are text. The time to find pairs grows like that, and prose stays far below: 3,000 characters may
 * hold 80 signs.
 */
const MAX_INLINE_WORK = 20_000_000;
const TOO_MANY_QUOTES = /^(?:[ \t]{0,3}>){101}/m;
const FRONT_MATTER =
  /^\ufeff?---\r?\n(?:[\w-]+:[^\n]*\n|[ \t#-][^\n]*\n|\r?\n)*---[ \t]*(?:\r?\n|$)/;
const FOOTNOTE = /\[\^[\w-]{1,40}\](?::(?= ))?/g;

/**
 * Reads Markdown in GitHub's flavour, with the HTML in it. Links are read by their text, images by
 * `alt`, code spans by what is in them; a code block of up to three lines is read, of a longer one
 * only "code block" is said; tables are read row by row; tasks begin with "done" or "to do"; front
 * matter and marks of footnotes are left out.
 *
 * @param markdown - At most 2,000,000 characters.
 * @returns Segments; no warnings.
 * @throws {SpeechError} `TEXT_TOO_LONG`; `MARKUP_INVALID` if lists, quotes or elements are nested too
 * deeply.
 */
export function parseMarkdown(markdown: string): ParsedDocument {
  checkDocumentLength(markdown);
  return readHtml(toHtml(markdown.replace(FRONT_MATTER, '')));
}

function toHtml(markdown: string): string {
  if (TOO_MANY_QUOTES.test(markdown)) {
    throw tooDeep();
  }
  try {
    const renderer = new SpokenRenderer();
    return Parser.parse(tokensOf(markdown), { gfm: true, renderer });
  } catch (cause) {
    // neither the lexer nor the parser counts its depth; the stack's end is their limit
    if (cause instanceof RangeError || isStackOverflow(cause)) {
      throw tooDeep(cause);
    }
    throw cause;
  }
}

/** The lexer's two steps, blocks and then their insides, with a look at the blocks between. */
function tokensOf(markdown: string): Token[] {
  const lexer = new Lexer({ gfm: true });
  lexer.blockTokens(markdown.replace(/\r\n?/g, '\n'), lexer.tokens);
  for (const { src, tokens } of lexer.inlineQueue) {
    const numSigns = src.length - src.replace(/[*_~`[\]()<!&]/g, '').length;
    if (numSigns ** 2 * src.length > MAX_INLINE_WORK) {
      tokens.push({ type: 'text', raw: src, text: src, escaped: false });
    } else {
      lexer.inlineTokens(src, tokens);
    }
  }
  return lexer.tokens;
}

class SpokenRenderer extends Renderer {
  override code({ text }: Tokens.Code): string {
    const lines = text.trim().split('\n');
    return lines.length > MAX_CODE_LINES ? '<p>Code block.</p>' : `<pre>${escapeHtml(text)}</pre>`;
  }

  override checkbox({ checked }: Tokens.Checkbox): string {
    return checked ? 'Done: ' : 'To do: ';
  }

  override text(token: Tokens.Text | Tokens.Escape): string {
    return super.text(token).replace(FOOTNOTE, '');
  }
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

function tooDeep(cause?: unknown): SpeechError {
  return new SpeechError(
    'MARKUP_INVALID',
    'input: lists, quotes or marks are nested too deeply; a simpler text can be read.',
    {},
    { cause },
  );
}

function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.startsWith('Maximum call stack');
}
