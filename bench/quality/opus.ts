import { join } from 'node:path';
import { findFfmpeg } from '../../src/audio/find-ffmpeg.js';
import { readAudioFile } from '../../src/audio/read-audio.js';
import type { Coding } from './codec.js';
import { runTool, ToolMissing, writeWav } from './tools.js';

/** Opus takes no less than 6 kbps. */
const BITRATES_KBPS = [6, 8, 12];
const SAMPLE_RATE = 24_000;

/**
 * Opus for speech at a few bitrates, to compare codecs with.
 *
 * @param folder - For temporary files.
 * @throws {ToolMissing} Without ffmpeg.
 */
export function listOpusCodings(folder: string): Coding[] {
  const ffmpeg = findFfmpeg();
  if (ffmpeg === undefined) {
    throw new ToolMissing('Opus needs ffmpeg: install it, or let LINNET_FFMPEG name it');
  }
  return BITRATES_KBPS.map((bitrateKbps) => ({
    name: 'Opus',
    bitrateKbps,
    recode: async (clip) => {
      const [plain, coded] = [join(folder, 'opus.wav'), join(folder, 'opus.ogg')];
      await writeWav(plain, clip, SAMPLE_RATE);
      const settings = ['-c:a', 'libopus', '-b:a', `${bitrateKbps}k`, '-application', 'voip'];
      const args = ['-v', 'error', '-y', '-i', plain, ...settings, coded];
      await runTool(ffmpeg, args, 'this ffmpeg must have libopus');
      const decoded = await readAudioFile(coded);
      // the scores compare sample by sample
      const samples = new Float32Array(clip.length);
      samples.set(decoded.subarray(0, clip.length));
      return samples;
    },
  }));
}
