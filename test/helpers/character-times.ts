/** A word and when it begins. */
export type TimedWord = { word: string; startMs: number };

/** What a WebSocket of ElevenLabs' tells of characters. */
export type CharacterTimes = {
  chars: string[];
  charStartTimesMs: number[];
  charsStartTimesMs: number[];
  charDurationsMs: number[];
  charsDurationsMs: number[];
};

/** A message of such a WebSocket. */
export type ElevenLabsMessage = {
  audio?: string | null;
  alignment?: CharacterTimes | null;
  normalizedAlignment?: CharacterTimes | null;
  isFinal?: boolean;
  contextId?: string;
  context_id?: string;
  error?: string;
  message?: string;
  code?: number;
};

/**
 * Finds words and their starts in times of characters.
 *
 * @param characters - The characters.
 * @param startsMs - When each begins.
 */
export function wordsOf(characters: readonly string[], startsMs: readonly number[]): TimedWord[] {
  const words: TimedWord[] = [];
  let isOpen = false;
  characters.forEach((character, index) => {
    if (/\s/.test(character)) {
      isOpen = false;
    } else if (isOpen) {
      words.at(-1)!.word += character;
    } else {
      isOpen = true;
      words.push({ word: character, startMs: startsMs[index]! });
    }
  });
  return words;
}

/**
 * Puts the alignments of one speech on one clock, as their ends add up.
 *
 * @param messages - All messages of the speech.
 * @returns The characters with their starts, and the end of the last one.
 */
export function joinAlignments(messages: readonly ElevenLabsMessage[]) {
  const characters: string[] = [];
  const startsMs: number[] = [];
  let endMs = 0;
  for (const { alignment } of messages) {
    if (alignment !== undefined && alignment !== null) {
      const { chars, charStartTimesMs: starts, charDurationsMs: durations } = alignment;
      characters.push(...chars);
      startsMs.push(...starts.map((start) => endMs + start));
      endMs += starts.at(-1)! + durations.at(-1)!;
    }
  }
  return { text: characters.join(''), words: wordsOf(characters, startsMs), endMs };
}

/** The audio of one speech. */
export function joinAudio(messages: readonly ElevenLabsMessage[]): Buffer {
  return Buffer.concat(messages.map(({ audio }) => Buffer.from(audio ?? '', 'base64')));
}
