// Speaks a text into a file; its name says the format.
import { join } from 'node:path';
import { Engine, writeAudioFile } from 'linnet';

const [folder = '.'] = process.argv.slice(2);
const engine = await Engine.load();
try {
  const chunks = engine.speak('Hello! It is a pleasure to speak with you.', { voice: 'emma' });
  const { durationSeconds } = await writeAudioFile(join(folder, 'hello.wav'), chunks);
  console.log(`hello.wav: ${durationSeconds.toFixed(2)} s`);
} finally {
  await engine.close();
}
