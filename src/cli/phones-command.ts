import { Command } from 'commander';
import { inputFormatOfPath, textOf, type InputFormat } from '../../tts/markup/document.js';
import { parseDocument } from '../../tts/markup/index.js';
import { warnOfLanguage } from '../../tts/text/language-warning.js';
import type { ReadWord, TextReader } from '../../tts/text/text-reader.js';
import { inputFormatOption } from './arguments.js';
import { addDictionaryOption, readDictionaries } from './dictionary-option.js';
import { joinText, openText } from './open-text.js';

type PhonesArguments = {
  input?: string;
  inputFormat?: InputFormat;
  dictionary?: string[];
  json?: true;
  quiet?: true;
};

/**
 * Makes `linnet phones`, which shows what would be said. It loads only what reads text.
 *
 * @returns The command.
 */
export function phonesCommand(): Command {
  const command = new Command('phones')
    .argument('[text...]', 'the text; without it and --input, standard input is read')
    .option('-i, --input <file>', 'read the text from a file, - for standard input')
    .addOption(inputFormatOption())
    .option('--json', 'print JSON, with the place of each word in the text')
    .option('-q, --quiet', 'print no warnings');
  return addDictionaryOption(command).action(async (words: string[], options: PhonesArguments) => {
    const dictionaries = await readDictionaries(options.dictionary);
    const { text, warnings } = await readInput(words, options);
    if (options.quiet !== true) {
      const warn = (warning: string) => process.stderr.write(`warning: ${warning}\n`);
      warnings.forEach(warn);
      await warnOfLanguage(text, warn);
    }
    // imported here, since it brings the runtime of the networks along
    const { loadTextReader } = await import('../../tts/text/text-reader.js');
    const reader: TextReader = await loadTextReader();
    try {
      const read = await reader.read(text, dictionaries);
      process.stdout.write(
        options.json === true ? `${JSON.stringify(read, null, 2)}\n` : toTable(read),
      );
    } finally {
      await reader.close();
    }
  });
}

/** The text, of a document what it says. */
async function readInput(
  words: string[],
  { input, inputFormat = inputFormatOfPath(input ?? '') }: PhonesArguments,
): Promise<{ text: string; warnings: string[] }> {
  const text = await joinText(await openText(words, input));
  if (inputFormat === 'text') {
    return { text, warnings: [] };
  }
  const document = parseDocument(text, inputFormat);
  return { text: textOf(document), warnings: document.warnings };
}

/** A line for each word that is said, with what is written before the first of them. */
function toTable(words: readonly ReadWord[]): string {
  const rows = words.flatMap(({ text, said }) =>
    said.map(({ word, phones, source }, index) => [
      index === 0 ? text.replace(/\s+/g, ' ') : '',
      word,
      phones,
      source,
    ]),
  );
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`)
    .join('');
}
