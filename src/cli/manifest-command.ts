import { Argument, Command } from 'commander';
import { mergeManifests, readManifest, writeManifest } from '../batch/manifest.js';
import { STANDARD_STREAM, writeToStandardOutput } from './standard-streams.js';

/** Makes `linnet manifest`. @returns The command. */
export function manifestCommand(): Command {
  return new Command('manifest')
    .addArgument(
      new Argument('<action>', 'make one of several, with an entry for each output').choices([
        'merge',
      ]),
    )
    .argument('<manifest...>', 'the manifests of shards or runs, the earlier ones first')
    .option('-o, --output <file>', 'the manifest to write, - for standard output', STANDARD_STREAM)
    .action(async (_: string, paths: string[], { output }: { output: string }) => {
      const manifests = await Promise.all(paths.map(readManifest));
      const merged = mergeManifests(manifests);
      if (output === STANDARD_STREAM) {
        await writeToStandardOutput(merged.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      } else {
        await writeManifest(output, merged);
      }
      const numFailed = merged.filter(({ status }) => status === 'failed').length;
      process.stderr.write(
        `${merged.length} files, ${numFailed} of them failed, of ${manifests.flat().length} entries\n`,
      );
    });
}
