import { cardinalWords } from '../numbers.js';
import { FIXED } from '../tables.js';
import { prefixRule, rule, type Place, type Rule } from './rule.js';

/** Marks at the beginning of a line, tokens with a reading of their own, faces and hearts. */
export const MARK_RULES: readonly Rule[] = [
  prefixRule(String.raw`(\d{1,3})[.)](?=\s+\S)`, (match, place) =>
    isLineStart(place) ? [...cardinalWords(match[1]!), ','] : undefined,
  ),
  prefixRule(String.raw`\(?([a-zA-Z])\)(?=\s+\S)`, (match, place) =>
    isLineStart(place) ? [match[1]!.toUpperCase(), ','] : undefined,
  ),
  prefixRule(String.raw`[-*+·](?=\s+\S)`, (_match, place) => (isLineStart(place) ? [] : undefined)),
  rule(
    String.raw`[^\s]{1,9}?`,
    (match) => FIXED.get(match[0]) ?? FIXED.get(match[0].toLowerCase()),
  ),
  // 8) is an eight and a bracket
  prefixRule(String.raw`(?:[:;=]|8(?=[-']))[-']?[()DPpOo/|*\]\[]+(?=\s|$)`, () => []),
  prefixRule('♥+', (_match, { previous }) =>
    /^(?:I|we|they|you|who)$/i.test(previous) ? ['love'] : [],
  ),
];

function isLineStart({ sentence, start }: Place): boolean {
  const line = sentence.lastIndexOf('\n', start - 1) + 1;
  return sentence.slice(start === 0 ? 0 : line, start).trim() === '';
}
