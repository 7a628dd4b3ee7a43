import { Command } from 'commander';
import { findModels } from '../../base/package-root.js';
import { readVoices } from '../../tts/voices/index.js';

/**
 * Makes `linnet voices`. It reads a list and loads no model.
 *
 * @returns The command.
 */
export function voicesCommand(): Command {
  return new Command('voices')
    .option('--json', 'print JSON, with licence and other names too')
    .action(({ json }: { json?: true }) => {
      const voices = readVoices(findModels());
      if (json === true) {
        process.stdout.write(`${JSON.stringify(voices, null, 2)}\n`);
        return;
      }
      const width = Math.max(...voices.map(({ id }) => id.length));
      for (const { id, accent, gender, description, teacher, sample } of voices) {
        const kind = `${accent}, ${gender}`.padEnd(16);
        process.stdout.write(
          `${id.padEnd(width)}  ${kind}  ${description} Taught by ${teacher}. Sample: ${sample}\n`,
        );
      }
    });
}
