import { InvalidArgumentError, Option, type Command } from 'commander';
import { describeRange, readNumber, type NumberRange } from '../../base/numbers.js';
import { MAX_SEED } from '../../tts/limits.js';
import { INPUT_FORMATS } from '../../tts/markup/document.js';
import { SPEED_RANGE } from '../../tts/time-stretch/parameters.js';

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

const SEED_RANGE = { min: 0, max: MAX_SEED, isInteger: true };
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

/** Stands for a seed that is drawn. */
export const RANDOM_SEED = 'random';

/**
 * Reads a seed.
 *
 * @param value - The argument.
 * @returns An integer from 0 to 2^32 - 1, or {@link RANDOM_SEED}.
 */
export function parseSeed(value: string): number | typeof RANDOM_SEED {
  if (value === RANDOM_SEED) {
    return value;
  }
  const seed = readNumber(value, SEED_RANGE);
  if (seed === undefined) {
    throw new InvalidArgumentError(`It must be ${describeRange(SEED_RANGE)}, or random.`);
  }
  return seed;
}

/** @param value - The argument. @returns A number from 0.25 to 4. */
export const parseSpeed = parseNumber(SPEED_RANGE);

/**
 * Makes a reader of numbers.
 *
 * @param range - What is allowed.
 * @returns A function for commander, which reports what it throws together with the value.
 */
export function parseNumber(range: NumberRange): (value: string) => number {
  return (value) => {
    const number = readNumber(value, range);
    if (number === undefined) {
      throw new InvalidArgumentError(`It must be ${describeRange(range)}.`);
    }
    return number;
  };
}

/**
 * Makes a reader of integers.
 *
 * @param min - Smallest integer allowed.
 * @param max - Largest integer allowed.
 * @returns As {@link parseNumber}.
 */
export function parseInteger(min: number, max: number): (value: string) => number {
  return parseNumber({ min, max, isInteger: true });
}
