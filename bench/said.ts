import { createInterface } from 'node:readline';
import { TextFrontEnd } from '../tts/text/index.js';

// reads a text a line and writes the words said, a line for each: `node dist/bench/said.js < texts`
const frontEnd = await TextFrontEnd.load();
for await (const line of createInterface({ input: process.stdin })) {
  const utterances = await frontEnd.process(line);
  const words = utterances.flatMap((utterance) => utterance.words.flatMap(({ said }) => said));
  process.stdout.write(`${words.join(' ')}\n`);
}
