import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScript } from '../../helpers/command.js';

describe('linnet phones', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
    writeFileSync(join(folder, 'first.tsv'), 'SQL\tsequel\nnet\tx');
    writeFileSync(join(folder, 'second.tsv'), 'net\tN EH1 T\n');
    writeFileSync(join(folder, 'bad.tsv'), '# bad\nnet\tHH QQ AH0\n');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const dictionaries = ['--dictionary', 'first.tsv', '--dictionary', 'second.tsv'];
  const phones = (args: string[], input?: string) =>
    startScript('src/cli/main.js', ['phones', ...args], {
      cwd: folder,
      ...(input === undefined ? {} : { input }),
    }).result;

  it('shows words, phones and where they come from', async () => {
    const { code, stdout, stderr } = await phones(['FBI', 'SQL', 'net,', 'now', ...dictionaries]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.toString()).toBe(
      [
        'FBI   F       EH1 F            rules',
        '      B       B IY1            rules',
        '      I       AY1              rules',
        'SQL   sequel  S IY1 K W AH0 L  user',
        'net,  net     N EH1 T          user',
        'now   now     N AW1            dictionary',
        '',
      ].join('\n'),
    );
  });

  it('prints JSON, with the network for unknown words', async () => {
    const { stdout } = await phones(['--json', '-i', '-'], 'Hi, blorfingtag');
    const words = JSON.parse(stdout.toString()) as { said: { phones: string }[] }[];
    expect(words).toMatchObject([
      { text: 'Hi,', start: 0, end: 3, said: [{ word: 'hi', source: 'dictionary' }] },
      { text: 'blorfingtag', start: 4, end: 15, said: [{ source: 'network' }] },
    ]);
    expect(words[1]!.said[0]!.phones).toMatch(/^B L /);
  });

  it.each([[['-']], [[]], [['-i', '-']]])('reads standard input with %j', async (args) => {
    const { code, stdout } = await phones(args, 'now');
    expect([code, stdout.toString()]).toEqual([0, 'now  now  N AW1  dictionary\n']);
  });

  it('reads what a document says', async () => {
    const ssml = '<speak><mark name="x"/><phoneme ph="həˈloʊ">hi</phoneme></speak>';
    const { stdout, stderr } = await phones([ssml, '--input-format', 'ssml']);
    expect(stdout.toString()).toMatch(/^\S.* HH AH0 L OW1 +rules\n$/);
    expect(stderr).toBe('warning: SSML: mark is not supported; it was passed over.\n');
  });

  it('names what is wrong in a dictionary', async () => {
    const { code, stderr } = await phones(['net', '--dictionary', 'bad.tsv']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: OPTION_INVALID: bad\.tsv, line 2: .*"QQ"/);
    expect((await phones(['net', '--dictionary', 'none.tsv'])).stderr).toMatch(/FILE_NOT_FOUND/);
  });

  it('warns of another language, unless it is to be quiet', async () => {
    const text = 'Ich weiß nicht, wo mein Bruder ist.';
    const { code, stderr } = await phones([text]);
    expect([code, stderr]).toEqual([
      0,
      'warning: the text seems to be in German (de); it is read as if it were English\n',
    ]);
    expect((await phones([text, '-q'])).stderr).toBe('');
  });
});
