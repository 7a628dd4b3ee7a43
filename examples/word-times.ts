// Prints when each word is said, as the words come, and keeps the speech.
import { join } from 'node:path';
import { Engine, writeAudioFile } from 'linnet';

const [folder = '.'] = process.argv.slice(2);
const engine = await Engine.load();
try {
  const pieces: Float32Array[] = [];
  let numWords = 0;
  for await (const { samples, words } of engine.speak('On 3 May, Dr. Gray paid $2.50.')) {
    pieces.push(samples);
    for (const { word, startSeconds, endSeconds } of words) {
      numWords++;
      console.log(`${startSeconds.toFixed(2)} to ${endSeconds.toFixed(2)} s: ${word}`);
    }
  }
  const { durationSeconds } = await writeAudioFile(join(folder, 'words.wav'), pieces);
  console.log(`words.wav: ${durationSeconds.toFixed(2)} s, ${numWords} words`);
} finally {
  await engine.close();
}
