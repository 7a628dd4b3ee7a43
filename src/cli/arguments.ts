import { InvalidArgumentError, Option, type Command } from 'commander';
import { INPUT_FORMATS } from '../../tts/markup/document.js';
import { checkSpeed } from '../../tts/time-stretch/index.js';

/** The devices `--device` names. */
export const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda'] as const;

/** One of {@link DEVICES}. */
export type Device = (typeof DEVICES)[number];

/** The arithmetics `--precision` names. */
export const PRECISIONS = ['auto', 'float32', 'quantized'] as const;

/** One of {@link PRECISIONS}. */
export type PrecisionOption = (typeof PRECISIONS)[number];

/** What {@link addEngineOptions} adds. */
export type EngineArguments = { device: Device; threads?: number; precision: PrecisionOption };

const MAX_SEED = 2 ** 32 - 1;
const MAX_THREADS = 256;

/**
 * Adds the options of every command that runs a model.
 *
 * @param command - The command, which is returned.
 * @returns The command.
 */
export function addEngineOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--device <name>', 'where the models run').choices(DEVICES).default('auto'),
    )
    .option('--threads <n>', 'processor threads of the models', parseInteger(1, MAX_THREADS))
    .addOption(
      new Option('--precision <name>', 'arithmetic of the models that speak')
        .choices(PRECISIONS)
        .default('auto'),
    );
}

/** @returns The option `--input-format` of the commands that read text. */
export function inputFormatOption(): Option {
  return new Option(
    '--input-format <name>',
    "what the text is written in; else by the file's name",
  ).choices(INPUT_FORMATS);
}

/**
 * Reads a seed.
 *
 * @param value - The argument.
 * @returns An integer from 0 to 2^32 - 1.
 */
export function parseSeed(value: string): number {
  return parseInteger(0, MAX_SEED)(value);
}

/**
 * Reads a speed.
 *
 * @param value - The argument.
 * @returns A number from 0.25 to 4.
 * @throws {SpeechError} `SPEED_OUT_OF_RANGE`.
 */
export function parseSpeed(value: string): number {
  const speed = value.trim() === '' ? NaN : Number(value);
  checkSpeed(speed);
  return speed;
}

/**
 * Makes a reader of integers.
 *
 * @param min - Smallest integer allowed.
 * @param max - Largest integer allowed.
 * @returns A function for commander, which reports what it throws.
 */
export function parseInteger(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`);
    }
    return number;
  };
}
