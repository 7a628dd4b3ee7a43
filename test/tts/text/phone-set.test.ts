import { readFileSync } from 'node:fs';
import { isPhone, PHONES } from '../../../tts/text/index.js';
import { isBareVowel, isVowel } from '../../../tts/text/phone-set.js';

/** The words of a line of a file, after what begins it. */
function listed(file: string, begin: string): string[] {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(begin))!;
  return line.slice(begin.length).match(/[a-z]+(?= |"| \|)/g)!;
}

describe('PHONES', () => {
  it('has the places that the networks learnt', () => {
    expect(PHONES).toHaveLength(74);
    expect([0, 1, 4, 5, 6, 11, 13, 49, 50, 73].map((index) => PHONES[index])).toEqual(
      '<pad> pau, pau! aa0 aa1 ah0 ah2 uw2 b zh'.split(' '),
    );
  });

  it.each([
    { file: 'training/phones.py', vowels: 'VOWELS = "', consonants: 'CONSONANTS = "' },
    { file: 'docs/cli.md', vowels: '| vowels | ', consonants: '| consonants | ' },
  ])('is what $file says', ({ file, vowels, consonants }) => {
    const expected = [
      ...listed(file, vowels).flatMap((vowel) => [0, 1, 2].map((stress) => `${vowel}${stress}`)),
      ...listed(file, consonants),
    ];
    expect(PHONES.slice(5)).toEqual(expected);
  });

  it('knows vowels from the rest', () => {
    expect(['ah0', 'b', 'ah', 'ax', 'pau,', 'ah3', 'b1'].map(isPhone)).toEqual(
      [true, true].concat(Array<boolean>(5).fill(false)),
    );
    expect(['ah0', 'b'].map(isVowel)).toEqual([true, false]);
    expect(['ah', 'ah0', 'b', 'ax'].map(isBareVowel)).toEqual([true, false, false, false]);
  });
});
