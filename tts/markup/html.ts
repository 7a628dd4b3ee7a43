import { defaultTreeAdapter, parse, type DefaultTreeAdapterTypes } from 'parse5';
import { SpeechError } from '../../base/errors.js';
import { checkDocumentLength, SegmentBuilder, type ParsedDocument } from './segments.js';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;
type TreeAdapter = typeof defaultTreeAdapter;

/** Elements nested deeper than in a browser's tree are refused. */
const MAX_DEPTH = 512;
/** Broken tags can make a parser repeat elements without end. */
const MAX_ELEMENTS = 300_000;
/** Silence at a horizontal rule, in seconds. */
const RULE_SECONDS = 0.75;

/** Content that a page does not show as text, or that is a machine's. */
const SKIPPED = new Set(
  (
    'head script style template noscript iframe object embed applet audio video canvas svg select ' +
    'datalist textarea rp rt'
  ).split(' '),
);
/** A sentence ends before and after these. */
const BLOCKS = new Set(
  (
    'address article aside blockquote body caption center dd details dialog dir div dl dt fieldset ' +
    'figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup legend li main menu nav ol p pre ' +
    'search section summary table tbody tfoot thead tr ul'
  ).split(' '),
);

/**
 * Reads a web page or a piece of one. Links are read by their text, images by `alt`; blocks end a
 * sentence; `br` and table cells make a comma's pause; scripts, styles, the head and what is hidden
 * are left out. Broken HTML is read as browsers do.
 *
 * @param html - At most 2,000,000 characters.
 * @returns Segments; no warnings.
 * @throws {SpeechError} `TEXT_TOO_LONG`; `MARKUP_INVALID` if elements are nested deeper than 512 or
 * are more than 300,000.
 */
export function parseHtml(html: string): ParsedDocument {
  checkDocumentLength(html);
  return readHtml(html);
}

/**
 * As {@link parseHtml}, for HTML that was made from a checked document and may be longer.
 *
 * @param html - Of any length.
 * @returns See there.
 * @throws {SpeechError} `MARKUP_INVALID`.
 */
export function readHtml(html: string): ParsedDocument {
  const document = parse(html, { scriptingEnabled: false, treeAdapter: limitedAdapter() });
  const reader = new HtmlReader();
  reader.readAll(document.childNodes);
  return reader.builder.finish();
}

class HtmlReader {
  readonly builder = new SegmentBuilder();
  /** Table cells that are open; blocks inside one do not end the row's sentence. */
  #numCells = 0;
  #isPreformatted = false;

  readAll(nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (defaultTreeAdapter.isTextNode(node)) {
        this.#readText(node.value);
      } else if (defaultTreeAdapter.isElementNode(node) && !isHidden(node)) {
        this.#readElement(node);
      }
    }
  }

  #readText(text: string): void {
    if (!this.#isPreformatted) {
      this.builder.text(text);
      return;
    }
    for (const [index, line] of text.split('\n').entries()) {
      if (index > 0) {
        this.builder.lineBreak();
      }
      this.builder.text(line);
    }
  }

  #readElement(element: Element): void {
    const name = element.tagName;
    const isBlock = BLOCKS.has(name);
    if (isBlock) {
      this.#endBlock();
    }
    switch (name) {
      case 'br':
        this.builder.lineBreak();
        break;
      case 'hr':
        this.builder.endSentence();
        this.builder.pause(RULE_SECONDS);
        break;
      case 'img':
        this.builder.word(attribute(element, 'alt') ?? '');
        break;
      case 'td':
      case 'th':
        this.#numCells++;
        this.readAll(element.childNodes);
        this.#numCells--;
        this.builder.comma();
        break;
      case 'pre':
        this.#readPreformatted(element);
        break;
      case 'q':
        this.builder.text('“');
        this.readAll(element.childNodes);
        this.builder.text('”');
        break;
      default:
        this.readAll(element.childNodes);
    }
    if (isBlock) {
      this.#endBlock();
    }
  }

  #readPreformatted(element: Element): void {
    const before = this.#isPreformatted;
    this.#isPreformatted = true;
    this.readAll(element.childNodes);
    this.#isPreformatted = before;
  }

  #endBlock(): void {
    if (this.#numCells > 0) {
      this.builder.comma();
    } else {
      this.builder.endSentence();
    }
  }
}

function isHidden(element: Element): boolean {
  if (SKIPPED.has(element.tagName) || attribute(element, 'hidden') !== undefined) {
    return true;
  }
  const style = attribute(element, 'style') ?? '';
  return (
    attribute(element, 'aria-hidden')?.toLowerCase() === 'true' ||
    /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b/i.test(style)
  );
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((candidate) => candidate.name === name)?.value;
}

/** parse5's own tree, with an end to what a hostile page can make it build. */
function limitedAdapter(): TreeAdapter & Required<Pick<TreeAdapter, 'onItemPush' | 'onItemPop'>> {
  let depth = 0;
  let numElements = 0;
  return {
    ...defaultTreeAdapter,
    onItemPush: () => {
      depth++;
      numElements++;
      if (depth > MAX_DEPTH) {
        throw tooMuch(`elements are nested deeper than ${MAX_DEPTH}`);
      }
      if (numElements > MAX_ELEMENTS) {
        throw tooMuch(`the page has more than ${MAX_ELEMENTS} elements`);
      }
    },
    onItemPop: () => {
      depth--;
    },
  };
}

function tooMuch(what: string): SpeechError {
  return new SpeechError('MARKUP_INVALID', `input: ${what}; a simpler page can be read.`);
}
