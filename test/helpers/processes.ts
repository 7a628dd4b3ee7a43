import { readdirSync, readFileSync } from 'node:fs';

/**
 * Lists this process's children of one name, from /proc.
 *
 * @param name - The program's name, such as "ffmpeg".
 * @returns Their process ids.
 */
export function childrenNamed(name: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        const [, program, rest] = /\((.*)\) (.*)/.exec(stat) ?? [];
        const [state, parent] = (rest ?? '').split(' ');
        return program === name && Number(parent) === process.pid && state !== 'Z';
      } catch {
        // it ended while we looked
        return false;
      }
    })
    .map(Number);
}

/**
 * Waits until something is true.
 *
 * @param isTrue - Asked every 10 ms.
 * @param timeoutMs - After so long the wait fails.
 */
export async function waitUntil(isTrue: () => boolean, timeoutMs = 5_000): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > endMs) {
      throw new Error(`Not true after ${timeoutMs} ms: ${isTrue.toString()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
