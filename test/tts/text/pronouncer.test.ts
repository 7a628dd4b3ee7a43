import { readFileSync } from 'node:fs';
import { parseSafetensors, Runtime, readSafetensors, Weights } from '../../../kernels/index.js';
import { isPhone } from '../../../tts/text/index.js';
import { buildPronouncerGraph, Pronouncer, readBestPath } from '../../../tts/text/pronouncer.js';
import { relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // float32 sums in another order than PyTorch's
const ANSWERS = JSON.parse(readFileSync('test/golden/g2p/real.json', 'utf8')) as Record<
  string,
  string[]
>;

describe('Pronouncer', () => {
  let runtime: Runtime;
  let pronouncer: Pronouncer;
  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu' });
    pronouncer = await Pronouncer.load(runtime, 'models/g2p');
  });
  afterAll(async () => {
    await runtime.close();
  });

  it('reproduces the logits of PyTorch', async () => {
    const golden = parseSafetensors(readFileSync('test/golden/g2p/real.safetensors'));
    const weights = new Weights(await readSafetensors('models/g2p/model.safetensors'));
    const graph = buildPronouncerGraph(weights, { blocks: 6 });
    const session = await runtime.load('g2p-golden', graph.build());
    const { logits } = await session.run({ frames: golden.get('in.frames')! });
    const expected = golden.get('out.logits')!.data as Float32Array;
    expect(relativeRms(expected, logits!.data as Float32Array)).toBeLessThan(TOLERANCE);
  });

  it('answers like PyTorch, whatever else is asked with a word', async () => {
    const words = Object.keys(ANSWERS);
    expect(await pronouncer.guess(words)).toEqual(Object.values(ANSWERS));
    expect(await pronouncer.guess([words[1]!])).toEqual([ANSWERS[words[1]!]]);
  });

  it('takes long words, no words and words without letters', async () => {
    expect(await pronouncer.guess([])).toEqual([]);
    const [long, none] = await pronouncer.guess(['antidisestablishmentarianistically', '123']);
    expect(long!.length).toBeGreaterThan(20);
    expect(long!.every(isPhone)).toBe(true);
    expect(none).toEqual([]);
  });

  it('asks for more words than fit in a run', async () => {
    const words = Array.from({ length: 35 }, () => 'linnet');
    expect(await pronouncer.guess(words)).toEqual(words.map(() => ANSWERS['linnet']));
  });
});

describe('readBestPath', () => {
  it('counts repeats once and blanks not at all', () => {
    const path = [0, 2, 2, 0, 2, 1, 1];
    const scores = Float32Array.from(
      path.flatMap((best) => [0, 1, 2].map((c) => Number(c === best))),
    );
    expect(readBestPath(scores, 3)).toEqual([2, 2, 1]);
  });
});
