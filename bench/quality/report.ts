import { formatMachine, type Machine } from '../../src/bench/machine.js';
import { fixed, formatTable } from '../../src/bench/table.js';
import type { CodecResult } from './codec.js';
import type { VoiceScores, WordErrorRate } from './scores.js';
import type { VoiceResult } from './speech.js';
import type { StreamedResult } from './streamed.js';
import type { SweepResult } from './sweep.js';
import type { TimeErrors, WordTimesResult } from './word-times.js';

/** Everything that `npm run bench:quality` measures; what `--json` writes. */
export type QualityReport = {
  machine: Machine;
  speech: VoiceResult[];
  streamed: StreamedResult[];
  wordTimes: WordTimesResult[];
  sweep: SweepResult[];
  codec: CodecResult[];
  /** What was left out, and why. */
  missing: string[];
};

/** Shows a report as Markdown tables. */
export function formatQuality(report: QualityReport): string {
  const { machine, speech, streamed, wordTimes, sweep, codec, missing } = report;
  const parts = [formatMachine(machine)];
  if (speech.length > 0) {
    parts.push(formatSpeech(speech));
  }
  if (streamed.length > 0) {
    parts.push(formatStreamed(streamed));
  }
  if (wordTimes.length > 0) {
    parts.push(formatWordTimes(wordTimes));
  }
  if (sweep.length > 0) {
    parts.push(formatSweep(sweep));
  }
  if (codec.length > 0) {
    parts.push(formatCodec(codec));
  }
  if (missing.length > 0) {
    parts.push(`Left out:\n${missing.map((reason) => `- ${reason}\n`).join('')}`);
  }
  return parts.join('\n');
}

/** Shows a rate with its counts. */
export function formatWords({ rate, errors, words }: WordErrorRate): string {
  return `${rate.toFixed(3)} (${errors} of ${words})`;
}

function formatSpeech(results: readonly VoiceResult[]): string {
  const head = [
    ...['sentences', 'voice', 'WER', 'spread', 'DistillMOS', 'DNSMOS', 'P.808'],
    ...['syll./s', 'same voice', 'like teacher'],
  ];
  const row = (set: string, name: string, scores: VoiceScores, likeness?: number | null) => [
    set,
    name,
    scores.wordErrorRate.toFixed(3),
    scores.seeds.length > 1 ? scores.wordErrorSpread.toFixed(3) : undefined,
    scores.distillMos.toFixed(2),
    scores.dnsMosOverall.toFixed(2),
    scores.dnsMosP808.toFixed(2),
    scores.syllablesPerSecond.toFixed(2),
    fixed(scores.sameness, 2),
    fixed(likeness, 2),
  ];
  const rows = results.flatMap(({ voice, set, own, teacher, likeness }) => [
    row(`${set} (${own.clips})`, voice, own, likeness),
    ...(teacher === null
      ? []
      : [row(`${set} (${teacher.clips})`, `Kokoro ${teacher.name}`, teacher)]),
  ]);
  return formatTable(head, rows);
}

function formatStreamed(results: readonly StreamedResult[]): string {
  const rows = results.map(({ voice, arrival, words, equal, sentences }) => [
    voice,
    arrival,
    formatWords(words),
    `${equal} of ${sentences}`,
  ]);
  return formatTable(['voice', 'text comes', 'WER', 'same samples'], rows);
}

function formatWordTimes(results: readonly WordTimesResult[]): string {
  const errors = ({ words, medianMs, absoluteMs, absoluteP90Ms }: TimeErrors) =>
    [words, medianMs, absoluteMs, absoluteP90Ms].map((value) => value.toFixed(0));
  const rows = results.map(({ times, aligner, starts, ends }) => [
    times,
    aligner,
    ...errors(starts),
    ...errors(ends),
  ]);
  const columns = ['error, ms', 'absolute', '90 %'];
  const head = ['times of', 'by', 'starts', ...columns, 'ends', ...columns];
  return formatTable(head, rows);
}

function formatSweep(results: readonly SweepResult[]): string {
  const rows = results.map(
    ({ temperature, noiseScale, eulerSteps, words, distillMos, dnsMosOverall }) => [
      temperature.toFixed(1),
      noiseScale.toFixed(1),
      String(eulerSteps),
      words.rate.toFixed(3),
      distillMos.toFixed(2),
      dnsMosOverall.toFixed(2),
    ],
  );
  return formatTable(['temperature', 'noise', 'Euler steps', 'WER', 'DistillMOS', 'DNSMOS'], rows);
}

function formatCodec(results: readonly CodecResult[]): string {
  const rows = results.map(({ group, clips, codec: name, bitrateKbps, scores }) => [
    `${group} (${clips})`,
    name,
    fixed(bitrateKbps, 2),
    fixed(scores.stoi, 3),
    fixed(scores.pesqWb, 2),
    fixed(scores.melDistanceDb, 2),
    fixed(scores.pitchCorrelation, 3),
    fixed(scores.distillMos, 2),
    scores.otherWords.rate.toFixed(3),
    fixed(scores.likeness, 2),
  ]);
  const head = [
    ...['clips', 'codec', 'kbps', 'STOI', 'PESQ-WB', 'mel dB', 'pitch corr.', 'DistillMOS'],
    ...['other words', 'likeness'],
  ];
  return formatTable(head, rows);
}
