import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { findPackageRoot } from '../../base/package-root.js';
import { FAULTS, type Fault } from './faults.js';

/** Tests that hang have noticed the fault too. */
const TIME_LIMIT_MS = 150_000;

/** Tests that can notice a fault in a folder, those that take longer last. */
const TESTS: readonly (readonly [string, readonly string[]])[] = [
  [
    'tts/pipeline/',
    [
      'test/tts/pipeline/(?!reference|word-times)',
      'test/tts/pipeline/word-times',
      'test/engine/client/engine',
    ],
  ],
  ['engine/', ['test/engine/(?!client/memory)']],
  [
    'src/server/elevenlabs/',
    [
      'test/src/server/elevenlabs/character-clock',
      'test/src/server/elevenlabs/(pipecat|livekit)',
      'test/src/server/elevenlabs/(stream-input|http)',
    ],
  ],
  [
    'src/server/',
    [
      'test/src/server/(admission|callers|configuration|ending|limits|openapi|playback|response-writer|routes)',
      'test/src/server/(speech|dictionary)',
      'test/src/server/(admission|ending|response-writer|routes)',
      'test/src/server/(speech|captions|dictionary)',
      'test/src/server/(load|log)',
    ],
  ],
];

const ROOT = findPackageRoot();

/** Copies what was compiled, beside links to all else that tests read. */
function copyPackage(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'linnet-faults-')));
  for (const entry of readdirSync(ROOT, { withFileTypes: true })) {
    const [from, to] = [join(ROOT, entry.name), join(folder, entry.name)];
    if (entry.name === 'dist') {
      cpSync(from, to, { recursive: true });
    } else if (entry.isFile()) {
      // not as links, since Jest takes the folder of what its configuration links to
      copyFileSync(from, to);
    } else if (entry.name !== '.git') {
      symlinkSync(from, to);
    }
  }
  return folder;
}

/** Compiles a file with its fault. */
function compile({ file, before, after }: Fault): string {
  const parts = readFileSync(join(ROOT, file), 'utf8').split(before);
  if (parts.length !== 2) {
    throw new Error(`${file} has ${parts.length - 1} times, not once: ${before}`);
  }
  const { options } = ts.convertCompilerOptionsFromJson(
    { target: 'ES2022', module: 'ESNext', verbatimModuleSyntax: true },
    ROOT,
  );
  return ts.transpileModule(parts.join(after), { compilerOptions: options, fileName: file })
    .outputText;
}

/** Runs tests. @returns Whether all passed in time. */
async function pass(folder: string, tests: string): Promise<boolean> {
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const args = [
    '--experimental-vm-modules',
    jest,
    '--runInBand',
    '--bail',
    '--silent',
    '--forceExit',
  ];
  const child = spawn(process.execPath, [...args, '--testPathPatterns', `dist/${tests}`], {
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  });
  const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), TIME_LIMIT_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  return code === 0;
}

function testsOf({ file }: Fault): readonly string[] {
  return TESTS.find(([prefix]) => file.startsWith(prefix))?.[1] ?? ['test/'];
}

/** The test of the same name, if there is one. */
function ownTestOf(folder: string, { file }: Fault): string[] {
  const test = `test/${file.replace(/\.ts$/, '.test.js')}`;
  return existsSync(join(folder, 'dist', test)) ? [test] : [];
}

async function isNoticed(folder: string, fault: Fault): Promise<boolean> {
  const compiled = join(folder, 'dist', fault.file.replace(/\.ts$/, '.js'));
  const sound = readFileSync(compiled);
  writeFileSync(compiled, compile(fault));
  try {
    for (const tests of [...ownTestOf(folder, fault), ...testsOf(fault)]) {
      if (!(await pass(folder, tests))) {
        return true;
      }
    }
    return false;
  } finally {
    writeFileSync(compiled, sound);
  }
}

/** Reads `3`, `3-7` or `3,5-7`; none for all. */
function isIn(ranges: string | undefined, number: number): boolean {
  return (ranges ?? '1-').split(',').some((range) => {
    const [first = '', last = first] = range.split('-');
    return number >= Number(first) && number <= (last === '' ? Infinity : Number(last));
  });
}

const { values } = parseArgs({ options: { only: { type: 'string' }, area: { type: 'string' } } });
const chosen = FAULTS.map((fault, index) => ({ ...fault, number: index + 1 })).filter(
  ({ file, number }) => isIn(values.only, number) && file.startsWith(values.area ?? ''),
);
// a list that the code has outgrown is an error, before anything takes time
chosen.forEach(compile);
const folder = copyPackage();
for (const tests of new Set(chosen.flatMap(testsOf))) {
  if (!(await pass(folder, tests))) {
    throw new Error(`${tests} fails without any fault.`);
  }
}
const missed: string[] = [];
for (const fault of chosen) {
  const line = `${fault.number} ${fault.file}: ${fault.harm}`;
  const noticed = await isNoticed(folder, fault);
  console.log(`${noticed ? 'noticed    ' : 'NOT noticed'} ${line}`);
  if (!noticed) {
    missed.push(line);
  }
}
rmSync(folder, { recursive: true });
const share = (100 * (1 - missed.length / chosen.length)).toFixed(0);
console.log(`${chosen.length - missed.length} of ${chosen.length} faults were noticed: ${share} %`);
for (const line of missed) {
  console.log(`NOT noticed ${line}`);
}
