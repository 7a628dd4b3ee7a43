import { ToWords } from 'to-words/en-US';

const DIGITS = 'zero one two three four five six seven eight nine'.split(' ');
const TO_WORDS = new ToWords();
const ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};

// to-words has names up to decillions; its ordinals are not taken: the 4,100th is four thousand hundredth there
/** Numbers with more digits than this are read digit by digit. */
const MAX_DIGITS = 36;

/** @param digits - Decimal digits. @returns Each of them as a word. */
export function digitWords(digits: string): string[] {
  return Array.from(digits).map((digit) => DIGITS[Number(digit)]!);
}

/**
 * A whole number in words, such as `one hundred twenty three`.
 *
 * @param digits - Decimal digits without a sign; leading zeros are allowed.
 * @returns Lower-case words; digit by digit above 36 digits.
 */
export function cardinalWords(digits: string): string[] {
  const trimmed = digits.replace(/^0+(?=\d)/, '');
  if (trimmed.length > MAX_DIGITS) {
    return digitWords(trimmed);
  }
  return TO_WORDS.convert(BigInt(trimmed)).toLowerCase().split(' ');
}

/**
 * An ordinal in words, such as `twenty first`.
 *
 * @param digits - Decimal digits.
 * @returns Lower-case words.
 */
export function ordinalWords(digits: string): string[] {
  const words = cardinalWords(digits);
  const last = words.pop()!;
  const ordinal = ORDINALS[last] ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`);
  return [...words, ordinal];
}

/**
 * A year in words: 1984 is `nineteen eighty four`, 2005 `two thousand five`, 1900 `nineteen hundred`.
 *
 * @param digits - Three or four digits.
 * @returns Lower-case words.
 */
export function yearWords(digits: string): string[] {
  const value = Number(digits);
  const century = Math.floor(value / 100);
  const rest = value % 100;
  if (value < 1000 || value >= 10000 || (value >= 2000 && value < 2010) || value % 1000 === 0) {
    return cardinalWords(digits);
  }
  if (rest === 0) {
    return [...cardinalWords(String(century)), 'hundred'];
  }
  return [...cardinalWords(String(century)), ...ohWords(digits.slice(-2))];
}

/**
 * A number in pairs, as houses, rooms and flights are: 815 is `eight fifteen`, 4500 `forty five hundred`.
 *
 * @param digits - Decimal digits.
 * @returns Lower-case words; above four digits, or with a zero in front, digit by digit.
 */
export function pairWords(digits: string): string[] {
  if (digits.startsWith('0') || digits.length > 4) {
    return digitWords(digits);
  }
  const high = digits.slice(0, -2);
  const low = digits.slice(-2);
  if (high === '' || Number(digits) % 1000 === 0) {
    return cardinalWords(digits);
  }
  if (low === '00') {
    return [...cardinalWords(high), 'hundred'];
  }
  return [...cardinalWords(high), ...ohWords(low)];
}

/** @param digits - Two digits. @returns Them as in a time or a version: 05 is `oh five`. */
export function ohWords(digits: string): string[] {
  return digits.startsWith('0') ? ['oh', ...cardinalWords(digits)] : cardinalWords(digits);
}

/**
 * The parts of a version, such as `three point eleven`.
 *
 * @param text - Numbers between periods.
 * @returns Lower-case words; a last part of 0 is `oh` where there are two.
 */
export function versionWords(text: string): string[] {
  const parts = text.split('.');
  return parts.flatMap((part, index) => {
    const isOh = /^0\d?$/.test(part) && index === 1 && parts.length === 2;
    const words = isOh ? (part === '0' ? ['oh'] : ohWords(part)) : cardinalWords(part);
    return index === 0 ? words : ['point', ...words];
  });
}

/** @param words - Of a number. @returns Their plural: `nineteen nineties`. */
export function pluralWords(words: readonly string[]): string[] {
  const last = words.at(-1)!;
  const plural = last.endsWith('y')
    ? `${last.slice(0, -1)}ies`
    : last.endsWith('x')
      ? `${last}es`
      : `${last}s`;
  return [...words.slice(0, -1), plural];
}

/**
 * A decimal in words, such as `three point one four`.
 *
 * @param text - Digits, perhaps grouped by commas, perhaps with a fraction: `1,234.50`.
 * @returns Lower-case words.
 */
export function decimalWords(text: string): string[] {
  const [whole = '', fraction = ''] = text.replaceAll(',', '').split('.');
  const words = cardinalWords(whole === '' ? '0' : whole);
  return fraction === '' ? words : [...words, 'point', ...digitWords(fraction)];
}

/** @param text - Digits as in `decimalWords`. @returns Whether the singular follows it. */
export function isOne(text: string): boolean {
  return /^0*1(\.0+)?$/.test(text);
}

/**
 * A fraction in words, such as `three quarters` or `one half`.
 *
 * @param numerator - Decimal digits.
 * @param denominator - Decimal digits.
 * @returns Lower-case words.
 */
export function fractionWords(numerator: string, denominator: string): string[] {
  const top = cardinalWords(numerator);
  const isSingle = isOne(numerator);
  if (Number(denominator) === 2) {
    return [...top, isSingle ? 'half' : 'halves'];
  }
  if (Number(denominator) === 4) {
    return [...top, isSingle ? 'quarter' : 'quarters'];
  }
  if (Number(denominator) < 3 || Number(denominator) > 100) {
    return [...top, 'over', ...cardinalWords(denominator)];
  }
  const bottom = ordinalWords(denominator);
  const last = bottom.pop()!;
  return [...top, ...bottom, isSingle ? last : `${last}s`];
}

/**
 * A whole number with a fraction, such as `two and a half` or `three and two thirds`.
 *
 * @param whole - Decimal digits.
 * @param numerator - Decimal digits.
 * @param denominator - Decimal digits.
 * @returns Lower-case words.
 */
export function mixedWords(whole: string, numerator: string, denominator: string): string[] {
  const isHalf = isOne(numerator) && Number(denominator) === 2;
  const part = isHalf ? ['a', 'half'] : fractionWords(numerator, denominator);
  return [...cardinalWords(whole), 'and', ...part];
}

const ROMAN_VALUES: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100 };

/** @param sign - `-`, `+` or nothing. @returns How it is said before a number. */
export function signWords(sign: string): string[] {
  return sign === '-' ? ['minus'] : sign === '+' ? ['plus'] : [];
}

/** @param text - A word. @returns The value of a well-formed Roman numeral below 400, else undefined. */
export function romanValue(text: string): number | undefined {
  if (!/^(?=[IVXLC])C{0,3}(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$/.test(text)) {
    return undefined;
  }
  const values = Array.from(text).map((letter) => ROMAN_VALUES[letter]!);
  return values.reduce(
    (sum, value, index) => sum + (value < (values[index + 1] ?? 0) ? -value : value),
    0,
  );
}
