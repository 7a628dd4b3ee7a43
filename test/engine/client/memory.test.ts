import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeTinyModels } from '../../helpers/tiny-models.js';

const PROGRAM = fileURLToPath(new URL('../../helpers/long-speech.js', import.meta.url));
const MINUTES = 15;
/** By how much the process may have grown from the fifth minute to the last. */
const GROWTH = 1.1;

describe('the memory of a long speech', () => {
  it('does not grow from 5 to 15 minutes of audio', async () => {
    const folder = await writeTinyModels();
    const args = ['--expose-gc', PROGRAM, folder, String(MINUTES)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    await rm(folder, { recursive: true });
    const resident = JSON.parse(stdout) as number[];
    expect(resident).toHaveLength(MINUTES);
    expect(resident.at(-1)! / resident[4]!).toBeLessThan(GROWTH);
  }, 300_000);
});
