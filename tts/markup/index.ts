import { parseHtml } from './html.js';
import { parseMarkdown } from './markdown.js';
import type { ParsedDocument } from './segments.js';
import { parseSsml } from './ssml.js';

export { parseHtml, parseMarkdown, parseSsml };
export type { ParsedDocument };

/** The formats of documents, by the names users give. */
export const MARKUP_FORMATS = ['markdown', 'html', 'ssml'] as const;

/** One of {@link MARKUP_FORMATS}. */
export type MarkupFormat = (typeof MARKUP_FORMATS)[number];

const PARSERS: Readonly<Record<MarkupFormat, (text: string) => ParsedDocument>> = {
  markdown: parseMarkdown,
  html: parseHtml,
  ssml: parseSsml,
};

/**
 * Reads a document.
 *
 * @param text - At most 2,000,000 characters.
 * @param format - What it is written in.
 * @returns What it says, and what was passed over.
 * @throws {SpeechError} `TEXT_TOO_LONG`, `MARKUP_INVALID`.
 */
export function parseDocument(text: string, format: MarkupFormat): ParsedDocument {
  return PARSERS[format](text);
}
