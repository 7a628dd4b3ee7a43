// Speaks a text while it is still being written, as a language model's answer is.
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Engine, writeAudioFile } from 'linnet';

const ANSWER =
  'The kettle is on. While the water heats, warm the pot. Then add one spoon of tea for each cup.';

const words = ANSWER.split(/(?<= )/);
let numWritten = 0;

/** Stands for the model: a word every 50 ms. The spaces between words belong into the pieces. */
async function* writeAnswer(): AsyncGenerator<string> {
  for (const word of words) {
    await setTimeout(50);
    numWritten++;
    yield word;
  }
}

const [folder = '.'] = process.argv.slice(2);
const engine = await Engine.load();
try {
  const pieces: Float32Array[] = [];
  let numWrittenAtFirst: number | undefined;
  for await (const { samples } of engine.speak(writeAnswer())) {
    numWrittenAtFirst ??= numWritten;
    pieces.push(samples);
  }
  const { durationSeconds } = await writeAudioFile(join(folder, 'answer.wav'), pieces);
  console.log(
    `answer.wav: ${durationSeconds.toFixed(2)} s, begun after ${numWrittenAtFirst} of ${words.length} words`,
  );
} finally {
  await engine.close();
}
