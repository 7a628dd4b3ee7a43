import { SpeechError } from '../../../base/errors.js';
import { hasWords, randomTexts } from '../../../bench/random-texts.js';
import { TextFrontEnd } from '../../../tts/text/index.js';

const NUM_TEXTS = 4000;
const SEED = 11;

describe('TextFrontEnd on random Unicode', () => {
  it('never fails, and says something where there are words', async () => {
    const frontEnd = await TextFrontEnd.load();
    const silent: string[] = [];
    for (const text of randomTexts(NUM_TEXTS, SEED)) {
      try {
        const utterances = await frontEnd.process(text);
        if (utterances.length === 0 && hasWords(text)) {
          silent.push(text);
        }
      } catch (failure) {
        // letters in [[ ]] may look like phones with a mistake, which are refused
        if (!(failure instanceof SpeechError)) {
          throw failure;
        }
      }
    }
    expect(silent).toEqual([]);
  }, 300_000);
});
