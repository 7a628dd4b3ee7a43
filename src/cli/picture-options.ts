import { stat } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { SpeechError } from '../../base/errors.js';
import { cutSamples } from '../audio/cut-samples.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import { OutputFile } from '../files/output-file.js';
import { SCALE_NAMES, type ScaleName } from '../pictures/frequency-scales.js';
import type { PictureOptions } from '../pictures/pictures.js';
import { parseInteger, parseNumber } from './arguments.js';
import { refuseTerminal, STANDARD_STREAM } from './standard-streams.js';

/** What {@link addPictureOptions} adds. */
export type PictureArguments = {
  scale: ScaleName;
  range: number;
  width: number;
  height: number;
  start: number;
  duration?: number;
};

const WIDTH_RANGE = [300, 4_000] as const;
const HEIGHT_RANGE = [200, 3_000] as const;
const RANGE_DB = { min: 10, max: 200 };
const START_RANGE = { min: 0, max: Infinity };
const DURATION_RANGE = { min: 0.001, max: Infinity };

/**
 * Adds the options of commands that draw audio.
 *
 * @param command - The command, which is returned.
 * @param height - The default height, in pixels.
 * @returns The command.
 */
export function addPictureOptions(command: Command, height: number): Command {
  return command
    .addOption(
      new Option('--scale <name>', 'how frequencies lie').choices(SCALE_NAMES).default('mel'),
    )
    .option('--range <dB>', 'from the loudest to the darkest', parseNumber(RANGE_DB), 80)
    .option('--width <pixels>', 'of the picture', parseInteger(...WIDTH_RANGE), 1_200)
    .option('--height <pixels>', 'of the picture', parseInteger(...HEIGHT_RANGE), height)
    .option('--start <seconds>', 'leave out what is before', parseNumber(START_RANGE), 0)
    .option('--duration <seconds>', 'take no more than this', parseNumber(DURATION_RANGE));
}

/** @param options - What was asked for. @returns The same for a picture of audio at 24 kHz. */
export function toPictureOptions(options: PictureArguments): PictureOptions {
  const { scale, range, width, height, start } = options;
  const sampleRate = SPEECH_SAMPLE_RATE;
  return { scale, rangeDb: range, width, height, startSeconds: start, sampleRate };
}

/**
 * Takes the part that `--start` and `--duration` ask for.
 *
 * @param samples - Audio at 24 kHz; closed in the end.
 * @param options - What was asked for.
 * @param skipped - Samples to leave out beside those.
 * @yields The part; at least one sample in all.
 * @throws {SpeechError} `OPTION_INVALID` if the audio is over before it; what `samples` throws.
 */
export async function* cutAsAsked(
  samples: AsyncIterable<Float32Array>,
  { start, duration = Infinity }: PictureArguments,
  skipped = 0,
): AsyncGenerator<Float32Array, void, undefined> {
  const first = Math.round(start * SPEECH_SAMPLE_RATE) + skipped;
  const length = Math.max(1, Math.round(duration * SPEECH_SAMPLE_RATE));
  let numTaken = 0;
  for await (const piece of cutSamples(samples, first, length)) {
    numTaken += piece.length;
    yield piece;
  }
  if (numTaken === 0) {
    throw new SpeechError(
      'OPTION_INVALID',
      `--start is ${start}; the audio is over before that second.`,
      { start },
    );
  }
}

/**
 * Opens the file of a picture, before there is anything to write, so that what is wrong with it is told at
 * once.
 *
 * @param output - Its path, or `-`.
 * @param inputs - The files that the picture is made from.
 * @returns The file.
 * @throws {SpeechError} `OPTION_INVALID` if it is one of the inputs, or a terminal; `FILE_WRITE_FAILED`.
 */
export async function openPictureFile(
  output: string,
  inputs: readonly string[],
): Promise<OutputFile> {
  if (output === STANDARD_STREAM) {
    refuseTerminal('Pictures');
    return OutputFile.standardOutput();
  }
  for (const input of inputs) {
    if (await isSameFile(input, output)) {
      throw new SpeechError(
        'OPTION_INVALID',
        `--output is ${output}, which is also the input; choose another name.`,
        { output },
      );
    }
  }
  return OutputFile.create(output);
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all(
    [one, other].map((path) => stat(path).catch(() => undefined)),
  );
  return first?.isFile() === true && first.dev === second?.dev && first.ino === second.ino;
}
