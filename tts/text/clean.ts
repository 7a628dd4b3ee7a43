import anyAscii from 'any-ascii';

/** Text in plain ASCII, with the place each unit of it came from. */
export type CleanText = {
  text: string;
  /** For each unit of `text`, the index of the UTF-16 unit in the given text that it stands for. */
  origins: number[];
};

/** Signs that a word stands for better than a transliteration. */
const SPOKEN_SIGNS: Readonly<Record<string, string>> = {
  '°': ' degrees ',
  '€': '€',
  '£': '£',
  '¥': '¥',
  '¢': '¢',
  '½': ' 1/2 ',
  '⅓': ' 1/3 ',
  '⅔': ' 2/3 ',
  '¼': ' 1/4 ',
  '¾': ' 3/4 ',
  '²': ' squared ',
  '³': ' cubed ',
  '×': ' times ',
  '÷': ' divided by ',
  '±': ' plus or minus ',
  '−': '-',
  '≈': ' about ',
  '≠': ' is not equal to ',
  '≤': ' is at most ',
  '≥': ' is at least ',
  '√': ' square root of ',
  '∞': ' infinity ',
  π: ' pi ',
  µ: ' micro ',
  Ω: ' ohms ',
  '©': ' copyright ',
  '®': ' registered ',
  '™': ' trademark ',
  '§': ' section ',
  '…': '... ',
  '–': ' - ',
  '—': ' - ',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
};

const PICTOGRAPH = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}/u;
const SILENT = /\p{Cf}|\p{Co}|\p{Cn}|\p{Cs}|\p{Mn}|\p{Me}/u;
const CURRENCY_TO_KEEP = /[€£¥¢]/;

/**
 * Brings any Unicode text to ASCII (and the signs € £ ¥ ¢): other scripts are transliterated,
 * pictographs, control characters, combining marks and lone surrogates dropped.
 *
 * @param given - Any string.
 * @param offset - Added to every origin.
 * @returns The clean text and where its units came from.
 */
export function cleanText(given: string, offset = 0): CleanText {
  const parts: string[] = [];
  const origins: number[] = [];
  let index = 0;
  for (const character of given) {
    const spoken = cleanCharacter(character);
    parts.push(spoken);
    origins.push(...new Array<number>(spoken.length).fill(offset + index));
    index += character.length;
  }
  return { text: parts.join(''), origins };
}

function cleanCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x80) {
    return code < 0x20 || code === 0x7f ? (character === '\n' ? '\n' : ' ') : character;
  }
  const sign = SPOKEN_SIGNS[character];
  if (sign !== undefined) {
    return sign;
  }
  // a flag or a face says nothing, but it keeps words apart
  if (PICTOGRAPH.test(character)) {
    return ' ';
  }
  if (SILENT.test(character)) {
    return '';
  }
  if (code === 0x2028 || code === 0x2029) {
    return '\n';
  }
  const composed = character.normalize('NFKC');
  return anyAscii(CURRENCY_TO_KEEP.test(composed) ? character : composed).replace(
    /[^\x20-\x7e]/g,
    ' ',
  );
}
