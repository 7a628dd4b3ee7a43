import { Command, Option } from 'commander';
import { findModels } from '../../base/package-root.js';
import type { CodecKind } from '../../codecs/contract.js';
import { EXPORTED_WEIGHTS, type ExportedWeights } from '../../codecs/exported-decoder.js';
import { exportDecoder } from '../../codecs/linnet/export-decoder.js';
import { writeDecoderFiles } from '../files/decoder-files.js';
import { withInterrupt } from './interruption.js';

type ExportArguments = { codec: CodecKind; weights: ExportedWeights; output: string };

/**
 * Makes `linnet export-decoder`. It runs no model.
 *
 * @returns The command.
 */
export function exportDecoderCommand(): Command {
  return new Command('export-decoder')
    .requiredOption('-o, --output <folder>', 'where decoder.onnx and decoder.json go')
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
        const decoder = await exportDecoder(findModels(), codec, weights);
        await writeDecoderFiles(output, decoder, signal);
        const megabytes = (decoder.model.length / 1e6).toFixed(1);
        process.stderr.write(
          `${output}: decoder.onnx of ${megabytes} MB and decoder.json, ${decoder.description.name}\n`,
        );
      });
    });
}
