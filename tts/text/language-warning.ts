import { findForeignLanguage, type ForeignLanguage } from './language.js';

/** What of a streamed text is looked at, in UTF-16 units. */
const WATCHED_CHARACTERS = 200;

/**
 * Says that a text is not English.
 *
 * @param language - What it seems to be.
 * @returns One line of ASCII without anything of the text.
 */
export function describeForeignLanguage({ tag, name }: ForeignLanguage): string {
  const asciiName = name.replace(/[^\x20-\x7e]/g, '?');
  return `the text seems to be in ${asciiName} (${tag}); it is read as if it were English`;
}

/**
 * Looks at the language of a text that passes by, and holds none of it back.
 *
 * @param text - A whole text, or pieces of one; its first 200 characters are looked at.
 * @param warn - Called at most once, with {@link describeForeignLanguage}'s line.
 * @returns The same text.
 */
export async function* watchLanguage(
  text: AsyncIterable<string>,
  warn: (warning: string) => void,
): AsyncGenerator<string, void, undefined> {
  let start: string | undefined = '';
  for await (const piece of text) {
    if (start !== undefined) {
      start += piece;
      if (start.length >= WATCHED_CHARACTERS) {
        await warnOfLanguage(start.slice(0, WATCHED_CHARACTERS), warn);
        start = undefined;
      }
    }
    yield piece;
  }
  if (start !== undefined) {
    await warnOfLanguage(start, warn);
  }
}

/**
 * Looks at the language of a text.
 *
 * @param text - Any string.
 * @param warn - Called if it is not English, with {@link describeForeignLanguage}'s line.
 */
export async function warnOfLanguage(text: string, warn: (warning: string) => void): Promise<void> {
  const language = await findForeignLanguage(text);
  if (language !== undefined) {
    warn(describeForeignLanguage(language));
  }
}
