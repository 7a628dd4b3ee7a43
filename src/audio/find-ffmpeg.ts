import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { SpeechError } from '../../base/errors.js';

/**
 * Finds an ffmpeg program: the one that `LINNET_FFMPEG` names, else the system's (on `PATH`), else
 * the one that the optional npm package `@ffmpeg-installer/ffmpeg` brought along.
 *
 * @param env - The environment to look in.
 * @returns The program's path, or `undefined` if there is none.
 * @throws {SpeechError} `FFMPEG_MISSING` if `LINNET_FFMPEG` names something that cannot be run: a
 * choice the user made is not silently replaced.
 */
export function findFfmpeg(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const chosen = env['LINNET_FFMPEG'];
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) {
      throw new SpeechError('FFMPEG_MISSING', `LINNET_FFMPEG is ${chosen}, which cannot be run.`);
    }
    return chosen;
  }
  return findOnPath(env) ?? findInstalledByNpm();
}

/**
 * As {@link findFfmpeg}, for callers that cannot go on without.
 *
 * @param purpose - What it is needed for, for the message, such as "mp3".
 * @param env - The environment to look in.
 * @returns The program's path.
 * @throws {SpeechError} `FFMPEG_MISSING` if there is none.
 */
export function requireFfmpeg(purpose: string, env: NodeJS.ProcessEnv = process.env): string {
  const path = findFfmpeg(env);
  if (path === undefined) {
    throw new SpeechError(
      'FFMPEG_MISSING',
      `${purpose} needs ffmpeg, and none was found; install it, or use wav, pcm, mulaw or alaw.`,
      { purpose },
    );
  }
  return path;
}

function findOnPath(env: NodeJS.ProcessEnv): string | undefined {
  const names = process.platform === 'win32' ? ['ffmpeg.exe'] : ['ffmpeg'];
  return (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable);
}

function findInstalledByNpm(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const { path } = require('@ffmpeg-installer/ffmpeg') as { path: string };
    if (!isExecutable(path)) {
      // the package sets this bit in an install script, which many npm setups do not run
      chmodSync(path, 0o755);
    }
    return isExecutable(path) ? path : undefined;
  } catch {
    // not installed: it is optional, and there is no build of it for some platforms
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
