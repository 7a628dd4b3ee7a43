import { rm, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LatentCodec } from '../../../codecs/index.js';
import { Runtime } from '../../../kernels/index.js';
import { checkModels, type ModelFacts } from '../../../tts/pipeline/check-models.js';
import { SpeechModels } from '../../../tts/pipeline/speech-models.js';
import { writeTinyModels } from '../../helpers/tiny-models.js';

describe('a folder of models', () => {
  let folder: string;
  let runtime: Runtime;

  beforeEach(async () => {
    folder = await writeTinyModels();
    runtime = await Runtime.create({ device: 'cpu', threads: 1 });
  });

  afterEach(async () => {
    await runtime.close();
    await rm(folder, { recursive: true });
  });

  async function change(part: string, key: string, value: unknown): Promise<void> {
    const path = join(folder, part, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify({ ...config, [key]: value }));
  }

  it.each([
    [
      'language-model',
      'phones',
      ['<pad>', 'ax'],
      /language-model and the text front end.*phones\[1\]/,
    ],
    ['language-model', 'cardinality', 47, /flow and language-model.*cardinality is 48.* 47/],
    ['language-model', 'numPhones', 75, /numPhones is 75/],
    ['language-model', 'samplesPerToken', 480, /language-model and codec.*240 .*480/],
    ['flow', 'numPhones', 73, /flow and language-model.*numPhones is 73/],
    ['flow', 'voices', [{ id: 'first' }], /voices\.json and flow.*no voice second/],
    ['language-model', 'voices', [{ id: 'second' }, { id: 'x' }], /language-model.*no voice first/],
  ])('is refused when %s has other %s', async (part, key, value, message) => {
    await change(part, key, value);
    const load = SpeechModels.load(runtime, folder, new LatentCodec(runtime, folder));
    await expect(load).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('checkModels', () => {
  const facts = {
    language: {
      phones: ['a'],
      numPhones: 1,
      cardinality: 8,
      samplesPerToken: 960,
      voiceIds: ['x'],
    },
    flow: { numPhones: 1, cardinality: 8, latentDim: 12, framesPerToken: 2, voiceIds: ['x'] },
    codec: { latentDim: 12, frameSize: 480 },
    phones: ['a'],
    voices: ['x'],
  } as unknown as ModelFacts;

  it('takes networks that belong together, and no codec of other latents', () => {
    checkModels(facts, 'models');
    const other = { ...facts, codec: { ...facts.codec, latentDim: 16 } };
    expect(() => {
      checkModels(other, 'models');
    }).toThrow(/flow and codec.*latentDim is 12 .* 16/);
  });
});
