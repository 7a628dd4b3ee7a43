/** What clients say: sentences of ten words. */
export const SENTENCES: readonly string[] = [
  'The last ferry turned slowly towards home in the evening.',
  'Your order has been shipped and should arrive on Thursday.',
  'I can book that table for you at seven tonight.',
  'Take the second road on the left after the bridge.',
  'The weather will be mild with some rain by noon.',
  'Could you please tell me the number on your card?',
  'Nobody on deck said a word; the sea lay still.',
  'We have moved your appointment to Monday morning at nine.',
  'She opened the window and listened to the quiet street.',
  'There are three more messages waiting for you this morning.',
  'The museum is closed today but opens again on Saturday.',
  'Let me look that up for you in a moment.',
  'Add the flour and the butter, then stir for long.',
  'Your train leaves from platform four in about ten minutes.',
  'He had never seen so many birds in one place.',
  'Thank you for calling, and have a very good evening.',
];

/**
 * Picks a sentence.
 *
 * @param random - Draws a number between two.
 * @returns One of {@link SENTENCES}.
 */
export function pickSentence(random: (min: number, max: number) => number): string {
  return SENTENCES[Math.floor(random(0, SENTENCES.length))]!;
}
