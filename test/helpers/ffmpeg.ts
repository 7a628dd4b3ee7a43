import { spawnSync } from 'node:child_process';
import { requireFfmpeg } from '../../src/audio/find-ffmpeg.js';

/** An ffmpeg for the tests to check with: the system's, or the one that npm brought. */
export const FFMPEG = requireFfmpeg('the tests');

/**
 * Decodes with ffmpeg.
 *
 * @param bytes - A file.
 * @param inputOptions - What ffmpeg must know about a file without a header.
 * @returns Mono samples at 24 kHz.
 */
export function decodeWith(bytes: Uint8Array, inputOptions: readonly string[] = []): Float32Array {
  const output = ['-f', 'f32le', '-ar', '24000', '-ac', '1', 'pipe:1'];
  const { stdout, stderr } = spawnSync(
    FFMPEG,
    ['-v', 'error', ...inputOptions, '-i', 'pipe:0', ...output],
    { input: bytes, maxBuffer: 1e8 },
  );
  expect(stderr.toString()).toBe('');
  return new Float32Array(new Uint8Array(stdout).buffer);
}

/**
 * Asks ffmpeg what a file is.
 *
 * @param bytes - The file.
 * @returns Codec and channels, such as "mp3, mono".
 */
export function describeAudio(bytes: Uint8Array): string {
  const args = ['-hide_banner', '-i', 'pipe:0', '-f', 'null', '-'];
  const { stderr } = spawnSync(FFMPEG, args, { input: bytes, encoding: 'utf8' });
  const [, codec, channels] = /Audio: (\w+).* Hz, (\w+)/.exec(stderr) ?? [];
  return `${codec}, ${channels}`;
}
