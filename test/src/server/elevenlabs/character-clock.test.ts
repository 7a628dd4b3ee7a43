import {
  CharacterClock,
  type Alignment,
} from '../../../../src/server/elevenlabs/character-clock.js';
import type { TextMark } from '../../../../tts/types.js';
import { noise } from '../../../helpers/signal.js';

const LETTERS = ['a', 'b', 'é', '.', ' ', ' ', '😀', '"', '\n'];

/** A speech that is cut somehow, from numbers in `[0, 1)`. */
function randomSpeech(random: () => number) {
  const upTo = (limit: number) => Math.floor(random() * limit);
  const characters = Array.from({ length: 1 + upTo(60) }, () => LETTERS[upTo(LETTERS.length)]!);
  const marks: TextMark[] = [];
  let offset = 0;
  let seconds = 0;
  for (const character of characters) {
    // none, one or two phones for a letter
    for (let count = upTo(3); count > 0; count--) {
      seconds += random() * 0.2;
      marks.push({ offset, seconds });
    }
    offset += character.length;
  }
  return { text: characters.join(''), marks, totalSeconds: seconds + random() * 0.3 };
}

/** When each character begins, once all marks are known. */
function naiveTimes(text: string, marks: readonly TextMark[], totalSeconds: number): number[] {
  const times: number[] = [];
  let offset = 0;
  for (const character of text) {
    const here = marks.find((mark) => mark.offset === offset);
    const before = marks.findLast((mark) => mark.offset < offset) ?? { offset: 0, seconds: 0 };
    const after = marks.find((mark) => mark.offset > offset) ?? {
      offset: text.length,
      seconds: totalSeconds,
    };
    const share = (offset - before.offset) / (after.offset - before.offset);
    times.push(here?.seconds ?? before.seconds + share * (after.seconds - before.seconds));
    offset += character.length;
  }
  return times;
}

/** Gives a clock text and audio in random pieces and takes stretches at random. */
function run(
  { text, marks, totalSeconds }: ReturnType<typeof randomSpeech>,
  random: () => number,
): Alignment[] {
  const clock = new CharacterClock();
  const taken: Alignment[] = [];
  const left = [...marks];
  let numPushed = 0;
  const pushText = (end: number) => {
    clock.pushText(text.slice(numPushed, end));
    numPushed = end;
  };
  for (let seconds = 0; seconds < totalSeconds;) {
    seconds = Math.min(totalSeconds, seconds + random() * 0.15);
    const here = left.splice(0, left.filter((mark) => mark.seconds <= seconds).length);
    // the engine speaks nothing that was not pushed, with the words around it
    const needed = Math.min(text.length, (here.at(-1)?.offset ?? 0) + 2 + Math.floor(random() * 9));
    pushText(Math.max(numPushed, needed));
    clock.pushAudio(seconds, here);
    if (random() < 0.6) {
      taken.push(clock.take());
    }
  }
  pushText(text.length);
  clock.complete();
  return [...taken, clock.take()];
}

describe('CharacterClock', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    'tells each character once and every ms of the audio (seed %d)',
    (seed) => {
      const numbers = noise(3_000, seed);
      let index = 0;
      const random = () => (numbers[index++]! + 1) / 2;
      const speech = randomSpeech(random);
      const stretches = run(speech, random);

      expect(stretches.flatMap(({ characters }) => characters)).toEqual(Array.from(speech.text));
      const naive = naiveTimes(speech.text, speech.marks, speech.totalSeconds);
      let numSeen = 0;
      expect(stretches[0]!.originMs).toBe(0);
      stretches.forEach(({ originMs, startsMs, durationsMs, characters }, at) => {
        const endMs = stretches[at + 1]?.originMs ?? Math.round(speech.totalSeconds * 1000);
        startsMs.forEach((start, place) => {
          // what was not known when its stretch was taken begins with the next one
          const expected = Math.max(naive[numSeen + place]! * 1000, originMs);
          expect(Math.abs(originMs + start - expected)).toBeLessThanOrEqual(0.501);
          expect(start + durationsMs[place]!).toBe(startsMs[place + 1] ?? endMs - originMs);
          expect(durationsMs[place]).toBeGreaterThanOrEqual(0);
        });
        numSeen += characters.length;
      });
    },
  );

  it('knows a character with its mark and those between two marks with the second', () => {
    const clock = new CharacterClock();
    clock.pushText('Though it');
    clock.pushAudio(0.1, [{ offset: 0, seconds: 0.04 }]);
    expect(clock.take()).toEqual({
      characters: ['T'],
      startsMs: [40],
      durationsMs: [60],
      originMs: 0,
    });
    clock.pushAudio(0.2, [{ offset: 2, seconds: 0.14 }]);
    // "h" would have begun at 90 ms, in the stretch that was taken
    expect(clock.take()).toEqual({
      characters: ['h', 'o'],
      startsMs: [0, 40],
      durationsMs: [40, 60],
      originMs: 100,
    });
    clock.pushAudio(0.5, [{ offset: 7, seconds: 0.44 }]);
    expect(clock.take()).toEqual({
      characters: ['u', 'g', 'h', ' ', 'i'],
      startsMs: [0, 60, 120, 180, 240],
      durationsMs: [60, 60, 60, 60, 60],
      originMs: 200,
    });
  });

  it('gives out what was spoken up to a flush, and counts on', () => {
    const clock = new CharacterClock();
    clock.pushText('A. ');
    clock.pushAudio(0.5, [{ offset: 0, seconds: 0.1 }]);
    clock.complete(3);
    expect(clock.take()).toMatchObject({ characters: ['A', '.', ' '], startsMs: [100, 233, 367] });
    clock.pushText('B');
    clock.pushAudio(1, [{ offset: 3, seconds: 0.75 }]);
    expect(clock.take()).toEqual({
      characters: ['B'],
      startsMs: [250],
      durationsMs: [250],
      originMs: 500,
    });
  });

  it('tells whether a word is complete, also one that began earlier', () => {
    const clock = new CharacterClock();
    clock.pushText(' ab  c d');
    clock.pushAudio(1, [{ offset: 1, seconds: 1 }]);
    expect([clock.hasCharacters, clock.endsWord]).toEqual([true, false]);
    clock.take();
    expect(clock.hasCharacters).toBe(false);
    clock.pushAudio(2, [{ offset: 5, seconds: 2 }]);
    expect(clock.endsWord).toBe(true);
    clock.take();
    clock.complete(6);
    expect(clock.endsWord).toBe(false);
    clock.complete();
    expect(clock.endsWord).toBe(true);
  });
});
