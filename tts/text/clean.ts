import anyAscii from 'any-ascii';

/** Text in plain ASCII, with the place each unit of it came from. */
export type CleanText = {
  text: string;
  /** For each unit of `text`, the index of the UTF-16 unit in the given text that it stands for. */
  origins: number[];
};

/** Signs with a writing in ASCII or as a word; those of `KEPT` are left as they are. */
const REPLACED: Readonly<Record<string, string>> = {
  '½': ' 1/2 ',
  '⅓': ' 1/3 ',
  '⅔': ' 2/3 ',
  '¼': ' 1/4 ',
  '¾': ' 3/4 ',
  '⅛': ' 1/8 ',
  '⅜': ' 3/8 ',
  '⅝': ' 5/8 ',
  '⅞': ' 7/8 ',
  '²': '^2',
  '³': '^3',
  '−': '-',
  '±': '+/-',
  '≈': '~',
  '≠': '!=',
  '≤': '<=',
  '≥': '>=',
  '→': '->',
  '⇒': '->',
  '∞': ' infinity ',
  μ: 'µ',
  º: '°',
  '℃': '°C',
  '℉': '°F',
  '‰': ' per mille ',
  π: ' pi ',
  Ω: ' ohms ',
  '©': ' copyright ',
  '®': '',
  '™': '',
  '§': ' section ',
  '¶': ' paragraph ',
  '†': ' ',
  '‡': ' ',
  '•': '·',
  '❤': '♥',
  '♥': '♥',
  '…': '... ',
  '–': '-',
  '—': ' - ',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '′': "'",
  '″': '"',
};
const KEPT = /[€£¥¢₹₩₿°×÷√µ]/;

const PICTOGRAPH = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}/u;
const SILENT = /\p{Cf}|\p{Co}|\p{Cn}|\p{Cs}|\p{Mn}|\p{Me}/u;

/**
 * Brings any Unicode text to ASCII (and signs of currencies, degrees and sums): other scripts are transliterated,
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
    const { length } = origins;
    parts.push(spoken);
    while (origins.length < length + spoken.length) {
      origins.push(offset + index);
    }
    index += character.length;
  }
  return { text: parts.join(''), origins };
}

function cleanCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x80) {
    return code < 0x20 || code === 0x7f ? (character === '\n' ? '\n' : ' ') : character;
  }
  const sign = REPLACED[character];
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
  if (KEPT.test(character)) {
    return character;
  }
  const composed = character.normalize('NFKC');
  return KEPT.test(composed)
    ? composed.replace(/[^\x20-\x7e€£¥¢₹₩₿°×÷√µ]/g, ' ')
    : anyAscii(composed).replace(/[^\x20-\x7e]/g, ' ');
}
