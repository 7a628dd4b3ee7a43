// Stores speech as codec tokens, four of the eight levels, and makes audio of them again.
import { join } from 'node:path';
import { Engine, readAudioFile, readLntFile, writeAudioFile, writeLntFile } from 'linnet';

const [folder = '.', input] = process.argv.slice(2);
const engine = await Engine.load({ warmUp: false });
try {
  const samples = await readAudioFile(input ?? engine.voices[0]!.sample);
  const codec = await engine.loadCodec('rvq');
  const codes = await codec.encode(samples, { numCodebooks: 4 });
  const path = join(folder, 'voice.lnt');
  const { numBytes } = await writeLntFile(path, codes, codec);

  const decoded = await codec.decode(await readLntFile(path, { codec }));
  const { durationSeconds } = await writeAudioFile(join(folder, 'decoded.wav'), decoded);
  const kbps = (numBytes * 8) / durationSeconds / 1000;
  console.log(
    `voice.lnt: ${numBytes} bytes, ${kbps.toFixed(2)} kbps; decoded.wav: ${durationSeconds.toFixed(2)} s`,
  );
} finally {
  await engine.close();
}
