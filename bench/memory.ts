import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findModels, findPackageRoot } from '../base/package-root.js';
import { toS16Bytes } from '../src/audio/pcm.js';
import { readAudioFile } from '../src/audio/read-audio.js';
import { makeWavHeader } from '../src/audio/wav-header.js';
import { describeMachine, formatMachine } from '../src/bench/machine.js';
import { withServer } from './server-child.js';
import { fixed, formatTable } from '../src/bench/table.js';

// what memory must not grow with: the length of a file, and the number of codecs
const MINUTES = [10, 60];
const SAMPLE_RATE = 24_000;

/** Tells its largest resident set, in kilobytes, when the process ends. */
const TELL_MEMORY =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('maxRSS '+process.resourceUsage().maxRSS))";

async function measureEncode(minutes: number, folder: string): Promise<number> {
  const input = join(folder, `${minutes}.wav`);
  await writeLongWav(input, minutes);
  const main = join(findPackageRoot(), 'bin', 'linnet.js');
  const args = ['--import', TELL_MEMORY, main, 'encode', input, '-o', join(folder, 'out.lnt')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  await once(child, 'close');
  rmSync(input);
  const told = /maxRSS (\d+)/.exec(stderr);
  if (child.exitCode !== 0 || told === null) {
    throw new Error(`encode ended with ${String(child.exitCode)}: ${stderr}`);
  }
  return (Number(told[1]) * 1024) / 1e6;
}

/** A recording of a person, again and again. */
async function writeLongWav(path: string, minutes: number): Promise<void> {
  const voice = await readAudioFile(join(findPackageRoot(), 'samples', 'callie.wav'));
  const piece = toS16Bytes(voice);
  const numPieces = Math.ceil((minutes * 60 * SAMPLE_RATE) / voice.length);
  const file = await open(path, 'w');
  try {
    await file.write(makeWavHeader(numPieces * piece.length));
    for (let index = 0; index < numPieces; index++) {
      await file.write(piece);
    }
  } finally {
    await file.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'linnet-memory-'));
try {
  const settings = { device: 'cpu', precision: 'auto', model: findModels() } as const;
  const server = await withServer({ ...settings, runs: 1, requests: 0 }, {}, async (child) => {
    const ready = await child.readMemoryMb();
    await child.openCodecs();
    return { ready, withCodecs: await child.readMemoryMb() };
  });
  const rows = [
    ['server, ready', fixed(server.ready, 0)],
    ['... both codecs open, and used', fixed(server.withCodecs, 0)],
  ];
  for (const minutes of MINUTES) {
    process.stderr.write(`measuring: encode, ${minutes} minutes\n`);
    rows.push([
      `encode of ${minutes} minutes, at most`,
      fixed(await measureEncode(minutes, folder), 0),
    ]);
  }
  const table = formatTable(['resident memory', 'MB'], rows);
  process.stdout.write(`${formatMachine(describeMachine())}\n${table}`);
} finally {
  rmSync(folder, { recursive: true });
}
