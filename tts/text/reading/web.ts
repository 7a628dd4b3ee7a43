import { cardinalWords, digitWords, pairWords } from '../numbers.js';
import { ADDRESS_PIECES, DOMAINS, EXTENSIONS, SHORT_WORDS, SIGN_WORDS } from '../tables.js';
import { rule, type Rule } from './rule.js';

const DOMAIN = String.raw`(?:[a-z0-9-]+\.)+(${Array.from(DOMAINS).join('|')})`;
// marks at its end belong to the sentence
const PATH = String.raw`(?:/(?:\S*[\w/])?)?`;
const EXTENSION = `(?:${Array.from(EXTENSIONS.keys()).join('|')})`;

/** Addresses of the web, of mail and of files, hashtags and handles. */
export const WEB_RULES: readonly Rule[] = [
  rule(String.raw`(?:https?://|www\.)\S*[\w/]`, readAddress, 'i'),
  rule(String.raw`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`, readAddress, 'i'),
  rule(`${DOMAIN}(?::\\d+)?${PATH}`, readAddress, 'i'),
  rule(String.raw`localhost(?::\d+)?` + PATH, readAddress),
  rule(String.raw`(?:[\w-]+[/\\])*[\w-]+(?:\.[\w-]+)*\.${EXTENSION}`, readPath),
  rule(String.raw`~?/[\w.-]+(?:/[\w.-]*\w)*/?`, readPath),
  rule(String.raw`~/`, () => ['tilde', 'slash']),
  rule(String.raw`[A-Za-z]:\\\S*`, readPath),
  rule(String.raw`#(\d+)`, (match) => ['number', ...cardinalWords(match[1]!)]),
  rule(String.raw`# ?(?=\d)\d+`, (match) => [
    'number',
    ...cardinalWords(match[0].replace(/\D/g, '')),
  ]),
  rule(String.raw`#(\w*[A-Za-z]\w*)`, (match) => ['hashtag', ...nameWords(match[1]!)]),
  rule(String.raw`@(\w+)`, (match) => ['at', ...readPieces(match[1]!, false)]),
  rule(String.raw`\.(com|org|net|edu|gov|io)`, (match) => ['dot', ...pieceWords(match[1]!)]),
];

function readAddress(match: RegExpExecArray): string[] {
  return readPieces(match[0].replace(/^https?:\/\//i, '').replace(/\/$/, ''), true);
}

function readPath(match: RegExpExecArray): string[] {
  const ending = /\.([a-z0-9]+)$/i.exec(match[0]);
  const words = ending === null ? undefined : EXTENSIONS.get(ending[1]!.toLowerCase());
  return words === undefined || ending!.index === 0
    ? readPieces(match[0], false)
    : [...readPieces(match[0].slice(0, ending!.index), false), 'dot', ...words];
}

function readPieces(text: string, isWeb: boolean): string[] {
  return text
    .split(/(?<=[\W_])|(?=[\W_])|(?<=\D)(?=\d)|(?<=\d)(?=\D)/)
    .flatMap((piece) => (piece === '-' ? (isWeb ? ['dash'] : []) : pieceWords(piece)));
}

function pieceWords(piece: string): string[] {
  if (/^\d+$/.test(piece)) {
    return piece.length === 4 && !piece.startsWith('0')
      ? pairWords(piece)
      : piece.length > 4 || /^0\d/.test(piece)
        ? digitWords(piece)
        : cardinalWords(piece);
  }
  if (!/^[A-Za-z]+$/.test(piece)) {
    return SIGN_WORDS.get(piece) ?? [];
  }
  const lower = piece.toLowerCase();
  const known = ADDRESS_PIECES.get(lower);
  if (known !== undefined) {
    return known;
  }
  const isSpelled =
    lower.length === 1 ||
    (lower.length === 2 && SHORT_WORDS.get(lower) === undefined && lower !== 'co') ||
    (lower.length <= 4 && !/[aeiouy]/.test(lower) && lower !== 'mr' && lower !== 'dr');
  return isSpelled ? Array.from(piece.toUpperCase()) : cutLong(lower);
}

/** The words of a name in camel case. */
function nameWords(name: string): string[] {
  return (name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? []).flatMap((piece) =>
    /^[A-Z]{2,}$/.test(piece) && piece.length < 5 ? Array.from(piece) : pieceWords(piece),
  );
}

/** A longer word is cut. */
export const MAX_WORD_LENGTH = 40;
const LONGEST_PIECES = new RegExp(`.{1,${MAX_WORD_LENGTH}}`, 'g');

/** @param word - Letters. @returns It in pieces of at most {@link MAX_WORD_LENGTH}. */
export function cutLong(word: string): string[] {
  return word.match(LONGEST_PIECES) ?? [];
}
