import { Engine } from '../../engine/client/engine.js';

/**
 * A program: speaks minutes of audio as one stream, and prints how many bytes the process holds at
 * the end of each minute, as JSON. To be run with `--expose-gc`.
 *
 * Arguments: the folder of models, the number of minutes.
 */
const [model = '', minutes = ''] = process.argv.slice(2);
const SENTENCE =
  'All of these words are spoken, one after the other, and then they are forgotten. ';

async function* endless(): AsyncGenerator<string> {
  for (;;) {
    yield await Promise.resolve(SENTENCE);
  }
}

const worker = new URL('./collecting-worker.js', import.meta.url);
const engine = await Engine.load({ device: 'cpu', threads: 1, model }, worker);
const resident: number[] = [];
let numSamples = 0;
for await (const { samples } of engine.speak(endless())) {
  numSamples += samples.length;
  if (numSamples >= (resident.length + 1) * 60 * engine.sampleRate) {
    globalThis.gc?.();
    resident.push(process.memoryUsage.rss());
    if (resident.length === Number(minutes)) {
      break;
    }
  }
}
await engine.close();
console.log(JSON.stringify(resident));
