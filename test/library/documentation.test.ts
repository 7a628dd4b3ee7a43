import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { findPackageRoot } from '../../base/package-root.js';
import { ERROR_CATALOGUE } from '../../base/errors.js';

const read = (...path: string[]) => readFile(join(findPackageRoot(), ...path), 'utf8');

/** The names of the properties of an exported type, as its declaration lists them. */
async function propertiesOf(path: string, type: string): Promise<string[]> {
  const source = ts.createSourceFile(path, await read(path), ts.ScriptTarget.Latest);
  const declaration = source.statements
    .filter(ts.isTypeAliasDeclaration)
    .find(({ name }) => name.text === type);
  const members = (declaration?.type as ts.TypeLiteralNode).members;
  return members.map(({ name }) => (name as ts.Identifier).text);
}

describe('docs/library.md', () => {
  it('shows every example as it is', async () => {
    const text = await read('docs', 'library.md');
    const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]!);
    const names = await readdir(join(findPackageRoot(), 'examples'));
    const files = names.filter((name) => name.endsWith('.ts'));
    const examples = await Promise.all(files.map((file) => read('examples', file)));
    expect(blocks.sort()).toEqual(examples.sort());
  });

  it.each([
    ['Engine.load', 'engine/client/engine.ts', 'EngineOptions'],
    ['engine.speak', 'tts/types.ts', 'SpeakOptions'],
  ])('lists every option of %s', async (heading, path, type) => {
    const text = await read('docs', 'library.md');
    const table = text.split(`| \`${heading}\` |`)[1]!.split('\n\n')[0]!;
    const names = [...table.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    expect(names).toEqual(await propertiesOf(path, type));
  });

  it('names only codes that exist', async () => {
    const text = await read('docs', 'library.md');
    const codes = [...text.matchAll(/`([A-Z]+_[A-Z_]+|CANCELLED)`/g)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(0);
    expect(Object.keys(ERROR_CATALOGUE)).toEqual(expect.arrayContaining(codes));
  });
});
