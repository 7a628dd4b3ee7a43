// Encodes speech while it is made, and decodes it while it is read, as web streams.
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { decodeStream, encodeStream, Engine, writeAudioFile } from 'linnet';

const [folder = '.'] = process.argv.slice(2);
const engine = await Engine.load();
try {
  const path = join(folder, 'streamed.lnt');
  const rvq = await engine.loadCodec('rvq');
  const speech = ReadableStream.from(engine.speak('This goes from stream to stream.'));
  const tags = { synthetic: true, voice: engine.voices[0]!.id };
  const file: WritableStream<Uint8Array> = Writable.toWeb(createWriteStream(path));
  await speech.pipeThrough(encodeStream(rvq, { tags })).pipeTo(file);

  // the file says which codec it needs
  const decoding = decodeStream((kind) => engine.loadCodec(kind));
  const audio = Readable.toWeb(createReadStream(path)).pipeThrough(decoding);
  const { durationSeconds } = await writeAudioFile(join(folder, 'streamed.wav'), audio);
  console.log(`streamed.wav: ${durationSeconds.toFixed(2)} s`);
} finally {
  await engine.close();
}
