// Speaks an SSML document with two voices and a pause; a dictionary says how two of its words are said.
import { join } from 'node:path';
import { Engine, readDocument, writeAudioFile } from 'linnet';

const SSML = `<speak>
  <p>Nguyen asks: what is SQL?</p>
  <break time="1s"/>
  <voice name="george"><prosody rate="slow">A language for tables.</prosody></voice>
</speak>`;

const [folder = '.'] = process.argv.slice(2);
const engine = await Engine.load();
try {
  const document = await readDocument(SSML, 'ssml', engine);
  const dictionary = { Nguyen: 'W IH1 N', SQL: 'sequel' }; // or await readDictionary('words.tsv')
  const chunks = engine.speak(document, { dictionary });
  const { durationSeconds } = await writeAudioFile(join(folder, 'document.wav'), chunks);
  console.log(
    `document.wav: ${durationSeconds.toFixed(2)} s in ${document.segments.length} segments, ${document.warnings.length} warnings`,
  );
} finally {
  await engine.close();
}
