import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { crc32 } from '../../base/crc32.js';

/** The longest file name of common file systems, in bytes, and what is put around one. */
const MAX_NAME_BYTES = 255;
const NAME = /^\..*\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.part$/s;

const HOST = crc32(new TextEncoder().encode(hostname())).toString(16).padStart(8, '0');

/**
 * Makes a name for a file that is being written: hidden, beside its place, and telling which process of which
 * machine writes it.
 *
 * @param target - Where the file shall be.
 */
export function temporaryPathOf(target: string): string {
  const suffix = `.${HOST}-${process.pid}-${randomBytes(4).toString('hex')}.part`;
  const name = Buffer.from(basename(target)).subarray(0, MAX_NAME_BYTES - 1 - suffix.length);
  // a character that was cut in two is left out
  const kept = new TextDecoder('utf-8').decode(name, { stream: true });
  return join(dirname(target), `.${kept}${suffix}`);
}

/**
 * Removes unfinished files that processes of this machine left behind when they were killed. Those of other machines,
 * and of processes that live, stay.
 *
 * @param folder - Where to look, not in folders below it; nothing happens if it does not exist.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [, host, pid] = NAME.exec(name) ?? [];
    if (host === HOST && !isAlive(Number(pid))) {
      await rm(join(folder, name), { force: true }).catch(() => undefined);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // a process of somebody else is alive too
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
