/** What the stages and the whole are measured on: four sentences, about 20 s of speech. */
export const BENCH_TEXT =
  'The harbour lights came on one by one, and the last ferry turned slowly towards home. ' +
  'Nobody on deck said a word, for the evening was warm and the sea lay still. ' +
  'On the 3rd of May it had cost $4.50 to cross; now, they heard, it was twice as much! ' +
  'Would anyone still come to see the island next summer, or had it seen its last guests?';

/** Ten words, for the time to the first audio. */
export const TEN_WORDS = 'The quick brown fox jumps over the very lazy dog.';
