// Two voices at the same time from one engine, each into a file of its own.
import { join } from 'node:path';
import { Engine, writeAudioFile } from 'linnet';

const [folder = '.'] = process.argv.slice(2);
const engine = await Engine.load();
try {
  const speak = (voice: string, text: string) =>
    writeAudioFile(join(folder, `${voice}.wav`), engine.speak(text, { voice, seed: 7 }));
  const [heart, george] = await Promise.all([
    speak('heart', 'I can speak while George does.'),
    speak('george', 'And neither of us has to wait.'),
  ]);
  console.log(
    `heart.wav: ${heart.durationSeconds.toFixed(2)} s; george.wav: ${george.durationSeconds.toFixed(2)} s`,
  );
} finally {
  await engine.close();
}
