import {
  parseDocument,
  parseHtml,
  parseMarkdown,
  parseSsml,
  type MarkupFormat,
} from '../../../tts/markup/index.js';
import { PHONES } from '../../../tts/text/index.js';
import { readTable } from '../../../tts/text/read-table.js';
import { errorWithCode } from '../../helpers/errors.js';

const texts = (format: MarkupFormat, document: string): string[] =>
  parseDocument(document, format).segments.map(({ text }) => text);

describe('parseHtml', () => {
  it.each([
    ['<b>b</b>old &amp; more', 'bold & more.'],
    ['<a href="http://x">a link</a>, &eacute;&#33;', 'a link, é!'],
    ['<h1>Title</h1><p>One<p>Two?', 'Title.\n\nOne.\n\nTwo?'],
    ['<ul><li>One<li>Two.</ul>', 'One.\n\nTwo.'],
    ['12 Main St<br>Springfield<br><br>Then', '12 Main St, Springfield.\n\nThen.'],
    ['Hi,<br>you', 'Hi, you.'],
    ['<table><tr><th>A<th>B<tr><td>1<td><p>2</table>', 'A, B.\n\n1, 2.'],
    ['<head><title>t</title></head><script>x</script><style>y</style>z', 'z.'],
    ['a<p hidden>b</p><p style="color:red; display: none">c</p><i aria-hidden=true>d</i>', 'a.'],
    ['<img alt="a cat"> sleeps<img src=x>', 'a cat sleeps.'],
    ['see <code>x = 1</code>', 'see x = 1.'],
    ['<pre>let x;\nlet y\n\nz</pre>', 'let x; let y.\n\nz.'],
    ['<p>broken <b>tags</p> stay</i> <', 'broken tags.\n\nstay <.'],
    ['a\n\n\nb', 'a b.'],
  ])('reads %j', (html, expected) => {
    expect(texts('html', html)).toEqual([expected]);
  });

  it('pauses at a rule', () => {
    expect(parseHtml('a<hr>b').segments).toEqual([
      { text: 'a.', pauseSeconds: 0.75 },
      { text: 'b.' },
    ]);
  });
});

describe('parseMarkdown', () => {
  it.each([
    ['# Head\n\nSome *em* **st** `code` ~~gone~~', 'Head.\n\nSome em st code gone.'],
    ['[link](http://x) ![alt](y.png) <b>bo</b>ld &copy;', 'link alt bold ©.'],
    ['- [x] milk\n- [ ] bread', 'Done: milk.\n\nTo do: bread.'],
    ['1. one\n2. two', 'one.\n\ntwo.'],
    ['```\na < b\nc\n```', 'a < b, c.'],
    ['```js\n1\n2\n3\n4\n```', 'Code block.'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', 'a, b.\n\n1, 2.'],
    ['> quote\n> on', 'quote on.'],
    ['---\ntitle: x\n---\nText[^1].\n', 'Text.'],
  ])('reads %j', (markdown, expected) => {
    expect(texts('markdown', markdown)).toEqual([expected]);
  });

  it('takes a paragraph with more signs than prose has as it is', () => {
    expect(texts('markdown', '*a* '.repeat(1000))[0]).toContain('*a* *a*');
    expect(texts('markdown', 'The *quick* fox. '.repeat(40))[0]).not.toContain('*');
  });
});

describe('parseSsml', () => {
  it('makes segments of breaks, voices and rates', () => {
    const ssml =
      '<speak>Hi <break time="1s"/><break time="250ms"/> you<break strength="weak"/> there ' +
      '<voice name="emma"><p>Yes</p><prosody rate="slow">no <prosody rate="+50%">so</prosody>' +
      '</prosody></voice> end</speak>';
    expect(parseSsml(ssml)).toEqual({
      segments: [
        { text: 'Hi,', pauseSeconds: 1.25 },
        { text: 'you, there.' },
        { text: 'Yes.', voice: 'emma' },
        { text: 'no,', voice: 'emma', speed: 0.75 },
        { text: 'so,', voice: 'emma', speed: 1.125 },
        { text: 'end' },
      ],
      warnings: [],
    });
  });

  it('leaves no comma at the end', () => {
    expect(texts('ssml', '<speak><prosody rate="slow">a</prosody></speak>')).toEqual(['a']);
    expect(texts('html', 'a<br>')).toEqual(['a.']);
  });

  it.each([
    ['IV', 'cardinal', '', 'four'],
    ['-1,234.5', 'cardinal', '', 'minus one thousand two hundred thirty four point five'],
    ['21st', 'ordinal', '', 'twenty first'],
    ['2 0 4', 'digits', '', 'two zero four'],
    ['5', 'number', 'ordinal', 'fifth'],
    ['12/31/2025', 'date', 'mdy', 'december thirty first twenty twenty five'],
    ['31.12.2025', 'date', 'dmy', 'the thirty first of december twenty twenty five'],
    ['20251231', 'date', 'ymd', 'december thirty first twenty twenty five'],
    ['May 2020', 'date', 'my', 'may twenty twenty'],
    ['13/45/2025', 'date', 'mdy', '13/45/2025'],
    ['1430', 'time', 'hms24', '14:30'],
    ['2:30 p.m.', 'time', '', '2:30pm'],
    ['+1 (555) 010', 'telephone', '', 'plus one, five five five, zero one zero'],
    ['1 1/2', 'fraction', '', 'one and a half'],
    ['USD 45.30', 'currency', '', '$45.30'],
    ['10 km', 'unit', '', '10 km'],
    ['Aé-1', 'characters', '', '[[EY1]] [[IY1]] dash one'],
    ['b@c', 'verbatim', '', '[[B IY1]] at [[S IY1]]'],
  ])('says %j as %s %s', (text, kind, format, expected) => {
    const ssml = `<speak><say-as interpret-as="${kind}" format="${format}">${text}</say-as></speak>`;
    expect(texts('ssml', ssml)).toEqual([expected]);
  });

  it.each([
    ['kæt', 'K AE1 T'],
    ['ðə', 'DH AH0'],
    ['ˈbɛtər', 'B EH1 T ER0'],
    ['t͡ʃɜːt͡ʃ', 'CH ER1 CH'],
    ['ˌʌndərˈstænd', 'AH2 N D ER0 S T AE1 N D'],
    ['bʌtn̩', 'B AH1 T AH0 N'],
    ['/ɪɡˈzæm.pəl/', 'IH0 G Z AE1 M P AH0 L'],
  ])('takes IPA %s for %s', (ipa, phones) => {
    const ssml = `<speak>(<phoneme ph="${ipa}">x</phoneme>)</speak>`;
    expect(texts('ssml', ssml)).toEqual([`([[${phones}]])`]);
  });

  it('has a phone for every row of the table of IPA', () => {
    for (const [, phones = ''] of readTable('ipa')) {
      for (const phone of phones.split(' ')) {
        expect(PHONES.some((known) => known === phone || known === `${phone}1`)).toBe(true);
      }
    }
  });

  it('takes our own phones and aliases', () => {
    const ssml =
      '<speak><phoneme alphabet="x-linnet" ph="hh ah l ow">x</phoneme>! <sub alias="World Wide Web">WWW</sub></speak>';
    expect(texts('ssml', ssml)).toEqual(['[[HH AH1 L OW0]]! World Wide Web']);
  });

  it('names what it passes over, once', () => {
    const { segments, warnings } = parseSsml(
      '<speak><mark name="a"/><mark name="b"/><audio src="file:///etc/passwd">fall<desc>no</desc>back</audio>' +
        '<prosody pitch="high">x</prosody><say-as interpret-as="née">y</say-as></speak>',
    );
    expect(segments).toEqual([{ text: 'fallbackxy' }]);
    expect(warnings).toEqual([
      'SSML: mark is not supported; it was passed over.',
      'SSML: audio is not supported; it was passed over.',
      'SSML: prosody pitch is not supported; it was passed over.',
      'SSML: say-as n?e is not supported; its text was read.',
    ]);
  });

  it('shortens pauses without end', () => {
    const { segments, warnings } = parseSsml(
      `<speak>a${'<break time="60s"/>'.repeat(100)}</speak>`,
    );
    expect(segments).toEqual([{ text: 'a,', pauseSeconds: 600 }]);
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ['<speak>\n&nbsp;</speak>', 2],
    ['<speak>secret', 1],
    ['<speak><secret></speak>', 1],
    ['<p>secret</p>', 1],
    ['secret', 1],
    ['<speak>\n\n<break time="secret"/></speak>', 3],
    ['<speak><prosody rate="0%">x</prosody></speak>', 1],
    ['<speak><phoneme ph="kʉ!secret">x</phoneme></speak>', 1],
    ['<speak><phoneme alphabet="x-linnet" ph="HH QQ">x</phoneme></speak>', 1],
    ['<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]>\n<speak>&c;</speak>', 2],
    ['<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>\n<speak>&b;</speak>', 2],
    [`<speak>${'<p>'.repeat(1000)}`, 1],
  ])('refuses %j with its line', (ssml, line) => {
    let thrown: unknown;
    try {
      parseSsml(ssml);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'MARKUP_INVALID', details: { line } });
    expect((thrown as Error).message).not.toContain('secret');
  });
});

describe('hostile documents', () => {
  it.each([
    ['html', '<b>'.repeat(300_000)],
    ['html', Array.from({ length: 80_000 }, (_, index) => `<b id=${index}><p>`).join('')],
    ['html', '<p>'.repeat(330_000)],
    ['markdown', '>'.repeat(1_000_000)],
    ['ssml', `<speak>${'<s>'.repeat(300_000)}`],
  ] as const)('are refused: %s %.20s', (format, document) => {
    expect(() => parseDocument(document, format)).toThrow(errorWithCode('MARKUP_INVALID'));
  });

  it.each([
    ['html', '<'.repeat(1_000_000)],
    ['html', `<table>${'<td>a'.repeat(190_000)}`],
    ['markdown', '*a '.repeat(330_000)],
    ['markdown', '['.repeat(1_000_000)],
    ['ssml', `<speak>${'a '.repeat(490_000)}</speak>`],
  ] as const)('are read: %s %.20s', (format, document) => {
    expect(parseDocument(document, format).segments).toHaveLength(1);
  });

  it.each(['html', 'markdown', 'ssml'] as const)('may not be longer than a limit: %s', (format) => {
    expect(() => parseDocument('a'.repeat(2_000_001), format)).toThrow(
      errorWithCode('TEXT_TOO_LONG'),
    );
  });

  it('takes nothing for markup that is none', () => {
    expect(parseMarkdown('').segments).toEqual([]);
  });
});
