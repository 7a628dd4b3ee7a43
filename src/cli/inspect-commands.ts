import { Command } from 'commander';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { findInputs } from '../batch/find-inputs.js';
import { checkLnt, readInfo, type LntCheck, type LntInfo } from '../batch/inspect-lnt.js';
import { withInterrupt } from './interruption.js';
import { filesFailed } from './run.js';
import { writeToStandardOutput } from './standard-streams.js';

type InspectArguments = { json?: true };

const KIND = { kind: 'token', extensions: ['.lnt'] };

/** Makes `linnet info`. @returns The command. */
export function infoCommand(): Command {
  return new Command('info')
    .argument('<input...>', 'token files, folders, patterns')
    .option('--json', 'print a line of JSON for each file')
    .action(async (inputs: string[], { json }: InspectArguments) => {
      await withInterrupt(async (signal) => {
        let hasFailed = false;
        for (const { path } of await findInputs(inputs, KIND)) {
          signal.throwIfAborted();
          const info = await readInfo(path).catch(toSpeechError);
          if (info instanceof SpeechError) {
            process.stderr.write(`error: ${info.code}: ${path}: ${info.message}\n`);
            hasFailed = true;
          } else {
            await writeToStandardOutput(json === true ? line(info) : describe(info));
          }
        }
        if (hasFailed) {
          throw filesFailed();
        }
      });
    });
}

/** Makes `linnet verify`. @returns The command. */
export function verifyCommand(): Command {
  return new Command('verify')
    .argument('<input...>', 'token files, folders, patterns')
    .option('--json', 'print a line of JSON for each file')
    .action(async (inputs: string[], { json }: InspectArguments) => {
      await withInterrupt(async (signal) => {
        let hasFailed = false;
        for (const { path } of await findInputs(inputs, KIND)) {
          const check = await checkLnt(path, signal);
          await writeToStandardOutput(json === true ? line(check) : judge(check));
          hasFailed ||= !check.isSound;
        }
        if (hasFailed) {
          throw filesFailed();
        }
      });
    });
}

function describe(info: LntInfo): string {
  const { codec, kind, weightsHash, levels, tags } = info;
  const rows = [
    ['codec', codec === '' ? `${kind} (version 1)` : codec],
    ...(weightsHash === undefined ? [] : [['weights', weightsHash]]),
    ['length', `${info.durationSeconds.toFixed(3)} s at ${info.sampleRate} Hz`],
    ...(info.channels === 1 ? [] : [['channels', String(info.channels)]]),
    ['levels', describeLevels(levels)],
    ['size', `${info.numBytes} bytes, ${info.bitrateKbps.toFixed(2)} kbps`],
    ['blocks', String(info.numBlocks)],
    ...Object.entries(tags).map(([name, value]) => [`tag ${name}`, JSON.stringify(value)]),
  ];
  const width = Math.max(...rows.map(([name]) => name!.length)) + 2;
  return `${info.path}\n${rows.map(([name, value]) => `  ${name!.padEnd(width)}${value}\n`).join('')}`;
}

function describeLevels(levels: LntInfo['levels']): string {
  const kinds = levels.map(
    ({ codebookSize, frameRate }) => `${codebookSize} codes at ${frameRate} Hz`,
  );
  return new Set(kinds).size === 1 ? `${levels.length} of ${kinds[0]}` : kinds.join(', ');
}

function judge({ path, isSound, problems, soundSeconds }: LntCheck): string {
  return isSound
    ? `sound: ${path}: ${soundSeconds.toFixed(2)} s\n`
    : problems.map(({ code, message }) => `damaged: ${path}: ${code}: ${message}\n`).join('');
}

function line(value: LntInfo | LntCheck): string {
  return `${JSON.stringify(value)}\n`;
}
