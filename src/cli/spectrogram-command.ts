import { Command } from 'commander';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import { writeWholeFile } from '../files/output-file.js';
import { Picture } from '../pictures/pictures.js';
import { Spectrogram } from '../pictures/spectrogram.js';
import { addEngineOptions, type EngineArguments } from './arguments.js';
import { withInterrupt } from './interruption.js';
import type { LoadEngine } from './load-engine.js';
import {
  addPictureOptions,
  cutAsAsked,
  openPictureFile,
  toPictureOptions,
  type PictureArguments,
} from './picture-options.js';
import { SoundReader } from './sound-reader.js';
import { printWarning, STANDARD_STREAM, withStandardInputFile } from './standard-streams.js';

type SpectrogramArguments = EngineArguments & PictureArguments & { output?: string };

const HEIGHT = 400;

/**
 * Makes `linnet spectrogram`.
 *
 * @param loadEngine - Loads what lends the codecs; called only for token files.
 * @returns The command.
 */
export function spectrogramCommand(loadEngine: LoadEngine): Command {
  const command = new Command('spectrogram')
    .argument('<file>', 'audio of any kind, or tokens (.lnt); - for standard input')
    .option(
      '-o, --output <file>',
      'the picture (PNG), - for standard output; else the whole name of the input with .png',
    );
  return addEngineOptions(addPictureOptions(command, HEIGHT)).action(
    async (input: string, options: SpectrogramArguments) => {
      await withInterrupt((signal) => drawFile(loadEngine, input, options, signal));
    },
  );
}

async function drawFile(
  loadEngine: LoadEngine,
  input: string,
  options: SpectrogramArguments,
  signal: AbortSignal,
): Promise<void> {
  const isStandardInput = input === STANDARD_STREAM;
  const output = options.output ?? (isStandardInput ? STANDARD_STREAM : `${input}.png`);
  const file = await openPictureFile(output, isStandardInput ? [] : [input]);
  const reader = new SoundReader(loadEngine, options, signal);
  try {
    const drawFrom = (path: string) => draw(reader, path, options);
    const { png, seconds } = await (isStandardInput
      ? withStandardInputFile(signal, drawFrom)
      : drawFrom(input));
    await writeWholeFile(file, png);
    const name = output === STANDARD_STREAM ? 'stdout' : output;
    process.stderr.write(
      `${name}: ${seconds.toFixed(2)} s, ${options.width} x ${options.height} pixels\n`,
    );
  } finally {
    await file.discard();
    await reader.close();
  }
}

async function draw(
  reader: SoundReader,
  path: string,
  options: SpectrogramArguments,
): Promise<{ png: Uint8Array; seconds: number }> {
  const picture = new Picture(toPictureOptions(options), 1);
  const spectrogram = new Spectrogram(picture.sizes);
  const takeFrames = () => {
    while (spectrogram.next() !== undefined) {
      // each is in the picture now
    }
  };
  for await (const piece of cutAsAsked(reader.open(path, printWarning), options)) {
    spectrogram.push(piece);
    takeFrames();
  }
  spectrogram.end();
  takeFrames();
  const { numSamples } = spectrogram;
  const png = picture.draw(spectrogram.finish(), numSamples);
  return { png, seconds: numSamples / SPEECH_SAMPLE_RATE };
}
