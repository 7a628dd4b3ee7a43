import type { Machine } from '../machine.js';
import { formatMachine } from '../report.js';
import { fixed, formatTable } from '../table.js';
import type { CodecResult } from './codec.js';
import type { VoiceScore } from './speech.js';

/** Everything that `npm run bench:quality` measures; what `--json` writes. */
export type QualityReport = {
  machine: Machine;
  speech: VoiceScore[];
  codec: CodecResult[];
  /** What was left out, and why. */
  missing: string[];
};

/** Shows a report as Markdown tables. */
export function formatQuality({ machine, speech, codec, missing }: QualityReport): string {
  const parts = [formatMachine(machine)];
  if (speech.length > 0) {
    const rows = speech.map(({ voice, own, reference }) => [
      voice,
      fixed(own.rate, 3),
      `${own.errors} of ${own.words}`,
      reference === null ? undefined : fixed(reference.rate, 3),
      reference?.name ?? 'unavailable',
    ]);
    parts.push(formatTable(['voice', 'WER', 'errors', 'reference WER', 'reference'], rows));
  }
  if (codec.length > 0) {
    const rows = codec.map(({ group, clips, codec: name, bitrateKbps, scores }) => [
      `${group} (${clips})`,
      name,
      fixed(bitrateKbps, 2),
      fixed(scores.stoi, 3),
      fixed(scores.pesqWb, 2),
      fixed(scores.melDistanceDb, 2),
      fixed(scores.pitchCorrelation, 3),
    ]);
    const head = ['clips', 'codec', 'kbps', 'STOI', 'PESQ-WB', 'mel dB', 'pitch corr.'];
    parts.push(formatTable(head, rows));
  }
  if (missing.length > 0) {
    parts.push(`Left out:\n${missing.map((reason) => `- ${reason}\n`).join('')}`);
  }
  return parts.join('\n');
}
