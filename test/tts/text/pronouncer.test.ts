import { readFileSync } from 'node:fs';
import { parseSafetensors, Runtime, readSafetensors, Weights } from '../../../kernels/index.js';
import { isPhone } from '../../../tts/text/index.js';
import { buildPronouncerGraph, Pronouncer, readPhones } from '../../../tts/text/pronouncer.js';
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
    expect(long!.filter((phone) => phone.endsWith('1'))).toHaveLength(1);
    expect(none).toEqual([]);
  });

  it('asks for more words than fit in a run', async () => {
    const words = Array.from({ length: 35 }, () => 'linnet');
    expect(await pronouncer.guess(words)).toEqual(words.map(() => ANSWERS['linnet']));
  });
});

describe('readPhones', () => {
  const SOUNDS = ['aa0', 'aa1', 'aa2', 'iy0', 'iy1', 'iy2', 'b'];

  /** Frames by their logits; what is not named is -9. */
  function frames(...named: Record<string, number>[]): Float32Array {
    return Float32Array.from(
      named.flatMap((logits) => ['blank', ...SOUNDS].map((name) => logits[name] ?? -9)),
    );
  }

  it('counts repeats once and blanks not at all', () => {
    const path = ['blank', 'b', 'b', 'blank', 'b', 'aa1', 'aa1'];
    const scores = frames(...path.map((name) => ({ [name]: 1 })));
    expect(readPhones(scores, SOUNDS)).toEqual(['b', 'b', 'aa1']);
  });

  it.each([
    { name: 'a lone vowel', path: [{ b: 1 }, { aa0: 1 }], phones: 'b aa1' },
    {
      name: 'the likeliest vowel if none is',
      path: [{ aa0: 3, aa1: 1 }, { iy2: 3, iy1: 2, iy0: 0 }, { b: 1 }],
      phones: 'aa0 iy1 b',
    },
    {
      name: 'only the likeliest vowel of several',
      path: [{ aa1: 9, aa2: 8, aa0: 7 }, { b: 1 }, { iy1: 3, iy0: 1 }],
      phones: 'aa2 b iy1',
    },
    {
      name: 'a vowel once that changes its stress',
      path: [{ aa0: 2, aa1: 1 }, { aa1: 4, aa0: 0 }, { b: 1 }, { iy2: 1 }],
      phones: 'aa1 b iy2',
    },
    {
      name: 'a vowel apart from itself after a blank',
      path: [{ iy0: 1 }, { blank: 1 }, { iy1: 1 }],
      phones: 'iy0 iy1',
    },
    { name: 'nothing without a vowel', path: [{ b: 1 }], phones: 'b' },
    { name: 'nothing without frames', path: [], phones: '' },
  ])('stresses $name', ({ path, phones }) => {
    expect(readPhones(frames(...path), SOUNDS).join(' ')).toBe(phones);
  });
});
