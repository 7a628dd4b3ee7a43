import { Command, Option } from 'commander';
import type { CodecKind } from '../../codecs/contract.js';
import { EXPORTED_WEIGHTS, type ExportedWeights } from '../../codecs/exported-decoder.js';
import { makeDecoder, writeDecoderFiles } from '../files/decoder-files.js';
import { withInterrupt } from './interruption.js';

type ExportArguments = { codec: CodecKind; weights: ExportedWeights; output: string };

/**
 * Makes `linnet export-decoder`. It runs no model.
 *
 * @returns The command.
 */
export function exportDecoderCommand(): Command {
  return new Command('export-decoder')
    .requiredOption(
      '-o, --output <folder>',
      'where decoder.onnx, decoder.json and decoder.tables go',
    )
    .addOption(
      new Option('--codec <name>', 'whose tokens it decodes')
        .choices(['rvq', 'single'])
        .default('rvq'),
    )
    .addOption(
      new Option('--weights <format>', 'int8 takes a third of the room of float32, and rounds')
        .choices(EXPORTED_WEIGHTS)
        .default('int8'),
    )
    .action(async ({ codec, weights, output }: ExportArguments) => {
      await withInterrupt(async (signal) => {
        const decoder = await makeDecoder(codec, weights);
        await writeDecoderFiles(output, decoder, signal);
        const megabytes = (decoder.model.length / 1e6).toFixed(1);
        process.stderr.write(
          `${output}: decoder.onnx of ${megabytes} MB, decoder.json and decoder.tables, ${decoder.description.name}\n`,
        );
      });
    });
}
