import { digitWords } from '../numbers.js';
import { isContext } from '../tables.js';
import { rule, type Rule } from './rule.js';

const EXTENSION = String.raw`(?:,?\s?(?:ext\.?|extension|x)\s?(?<ext>\d{1,6}))?`;

/** Telephone and card numbers: digit by digit, with a pause between their groups. */
export const PHONE_RULES: readonly Rule[] = [
  phoneRule(String.raw`\+\d{1,3}(?:[ .-]?\(\d{1,4}\)|[ .-]\d{1,4})(?:[ .-]\d{2,7}){1,4}`),
  phoneRule(String.raw`\+\d{7,15}`),
  phoneRule(String.raw`(?:1[ .-])?\(\d{2,4}\)[ .-]?\d{3,4}[ .-]\d{3,4}`),
  phoneRule(String.raw`(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}`),
  phoneRule(String.raw`\d{3}-\d{4}`),
  phoneRule(String.raw`0\d{2,4}[ -]\d{3,4}[ -]\d{3,4}`),
  rule(String.raw`\d{3}-\d{2}-\d{4}`, readGroups),
  rule(String.raw`\d{4}(?:[ -]\d{4}){2,4}`, readGroups),
  rule(String.raw`\d{3}`, (match, { previous }) =>
    match[0] === '911' || (/^\d1[12]$|^988$|^999$/.test(match[0]) && isContext('call', previous))
      ? digitWords(match[0])
      : undefined,
  ),
];

function phoneRule(source: string): Rule {
  return rule(`(?<number>${source})${EXTENSION}`, readPhone);
}

function readPhone(match: RegExpExecArray): string[] {
  const { number = '', ext } = match.groups!;
  const groups = number.match(/\d+/g)!.map((group, index, all) =>
    // 1-800 is the name of a kind of number, more than digits
    index === 1 && all[0] === '1' && group === '800' ? ['eight', 'hundred'] : digitWords(group),
  );
  return [
    ...(number.startsWith('+') ? ['plus'] : []),
    ...joinGroups(groups),
    ...(ext === undefined ? [] : [',', 'extension', ...digitWords(ext)]),
  ];
}

function readGroups(match: RegExpExecArray): string[] {
  return joinGroups(match[0].match(/\d+/g)!.map(digitWords));
}

function joinGroups(groups: readonly string[][]): string[] {
  return groups.flatMap((group, index) => (index === 0 ? group : [',', ...group]));
}
