// Speaks the first part of a text, and the second one later in an engine of its own, as if in one breath.
import { join } from 'node:path';
import { Engine, writeAudioFile } from 'linnet';

const [folder = '.'] = process.argv.slice(2);
const pieces: Float32Array[] = [];
let snapshot: Uint8Array | undefined;

const first = await Engine.load();
try {
  const context = first.open({ voice: 'george' });
  context.push('That is the first part.');
  const number = context.flush({ snapshot: true });
  for await (const chunk of context) {
    pieces.push(chunk.samples);
    if (chunk.flushed === number) {
      ({ snapshot } = chunk);
      break; // which cancels what would come
    }
  }
} finally {
  await first.close();
}

const second = await Engine.load();
try {
  // in its voice, with its seed, speed and temperature
  const context = second.open({ resume: snapshot! });
  context.push(' And that is the second.');
  context.finish();
  for await (const { samples } of context) {
    pieces.push(samples);
  }
  const { durationSeconds } = await writeAudioFile(join(folder, 'resumed.wav'), pieces);
  console.log(`resumed.wav: ${durationSeconds.toFixed(2)} s, ${snapshot!.length} bytes in between`);
} finally {
  await second.close();
}
