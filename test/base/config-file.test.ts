import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { count, natural, readConfig } from '../../base/config-file.js';
import { findModels } from '../../base/package-root.js';
import { readLatentCodecConfig } from '../../codecs/linnet/config.js';
import { readSingleConfig } from '../../codecs/linnet/single/config.js';
import { readFlowConfig } from '../../tts/flow/config.js';
import { readLanguageModelConfig } from '../../tts/language-model/config.js';
import { errorWithCode } from '../helpers/errors.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'linnet-config-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function write(text: string): Promise<string> {
  const path = join(folder, 'config.json');
  await writeFile(path, text);
  return path;
}

describe('readConfig', () => {
  const schema = z.object({ size: count, least: natural });

  it('reads what the schema names and passes over the rest', async () => {
    const path = await write('{"size": 3, "least": 0, "more": true}');
    expect(readConfig(path, schema)).toEqual({ size: 3, least: 0 });
  });

  it.each([
    ['no JSON', '{', /is not JSON/],
    ['a list', '[]', /expected object/],
    ['a missing field', '{"least": 0}', /size: /],
    ['a fraction', '{"size": 2.5, "least": 0}', /size: /],
    ['zero for a size', '{"size": 0, "least": 0}', /size: /],
    ['less than zero', '{"size": 1, "least": -1}', /least: /],
    ['a text for a number', '{"size": "3", "least": 0}', /size: /],
  ])('refuses %s, naming it', async (_, text, message) => {
    const path = await write(text);
    const expected = { code: 'MODEL_INVALID', message: expect.stringMatching(message) as string };
    expect(() => readConfig(path, schema)).toThrow(expect.objectContaining(expected) as Error);
  });

  it('says that a file is missing', () => {
    const read = () => readConfig(join(folder, 'missing.json'), schema);
    expect(read).toThrow(errorWithCode('FILE_NOT_FOUND'));
  });
});

describe.each<[string, (path: string) => object, string, unknown, unknown]>([
  ['flow/config.json', readFlowConfig, 'noiseScale', 0, -1],
  ['flow/config.json', readFlowConfig, 'blocks', 1, 2.5],
  ['flow/config.json', readFlowConfig, 'timeDim', 2, 3],
  ['flow/config.json', readFlowConfig, 'voices', [{ id: 'a' }], []],
  ['language-model/config.json', readLanguageModelConfig, 'temperature', 0, -0.1],
  ['language-model/config.json', readLanguageModelConfig, 'layers', 1, 2.5],
  ['language-model/config.json', readLanguageModelConfig, 'topP', 1, 1.5],
  ['codec/config.json', readLatentCodecConfig, 'decLookahead', 0, -1],
  ['codec/config.json', readLatentCodecConfig, 'cardinality', 65_536, 65_537],
  ['codec/config.json', readLatentCodecConfig, 'hop', 240, 241],
  ['codec/single.json', readSingleConfig, 'encBlocks', [0, 1], [1, 2, 3]],
  ['codec/single.json', readSingleConfig, 'levels', [256, 256], [256, 257]],
])('%s', (file, read, key, right, wrong) => {
  async function change(value: unknown): Promise<string> {
    const text = await readFile(join(findModels(), file), 'utf8');
    return write(JSON.stringify({ ...(JSON.parse(text) as object), [key]: value }));
  }

  it(`takes ${key} ${JSON.stringify(right)}`, async () => {
    const path = await change(right);
    expect(() => read(path)).not.toThrow();
  });

  it(`refuses ${key} ${JSON.stringify(wrong)}`, async () => {
    const path = await change(wrong);
    expect(() => read(path)).toThrow(errorWithCode('MODEL_INVALID'));
  });
});
