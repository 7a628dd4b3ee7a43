import type { Comparison } from '../comparison/compare.js';

/** What was compared: paths, or `-`. */
export type ComparedFiles = { original: string; decoded: string };

/**
 * Says what was found, for people.
 *
 * @param files - What was compared.
 * @param comparison - What was found.
 * @param sampleRate - Hz.
 * @param isAligned - Whether the offset was taken out.
 * @returns Lines.
 */
export function describeComparison(
  files: ComparedFiles,
  comparison: Comparison,
  sampleRate: number,
  isAligned: boolean,
): string {
  const { numOriginal, numDecoded, numCompared, isOriginalSilent, isDecodedSilent } = comparison;
  const seconds = (numSamples: number) => `${(numSamples / sampleRate).toFixed(3)} s`;
  const silent = (isSilent: boolean) => (isSilent ? ', silent' : '');
  const rows: [string, string][] = [
    ['original', `${nameOf(files.original)}, ${seconds(numOriginal)}${silent(isOriginalSilent)}`],
    ['decoded', `${nameOf(files.decoded)}, ${seconds(numDecoded)}${silent(isDecodedSilent)}`],
    ...(numOriginal === numDecoded && numCompared === numOriginal
      ? []
      : ([['compared', `${seconds(numCompared)}, which both have`]] as [string, string][])),
    ['offset', describeOffset(comparison, sampleRate, isAligned)],
    ['SNR', describeDb(comparison.snrDb, 'the same samples')],
    ['SI-SDR', describeDb(comparison.siSdrDb, 'the same but for the volume')],
    ['mel distance', describeDb(comparison.melDistanceDb, '')],
  ];
  return rows.map(([name, value]) => `${`${name}:`.padEnd(14)}${value}\n`).join('');
}

/**
 * Says what was found, for programs. JSON has no infinity, so that figures without a finite value are
 * `null`; the other fields say why.
 *
 * @param files - What was compared.
 * @param comparison - What was found.
 * @param sampleRate - Hz.
 * @param isAligned - Whether the offset was taken out.
 * @returns An object for `JSON.stringify`.
 */
export function comparisonToJson(
  files: ComparedFiles,
  comparison: Comparison,
  sampleRate: number,
  isAligned: boolean,
) {
  const { offset, snrDb, siSdrDb, melDistanceDb, isIdentical } = comparison;
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    original: {
      path: files.original,
      seconds: comparison.numOriginal / sampleRate,
      silent: comparison.isOriginalSilent,
    },
    decoded: {
      path: files.decoded,
      seconds: comparison.numDecoded / sampleRate,
      silent: comparison.isDecodedSilent,
    },
    comparedSeconds: comparison.numCompared / sampleRate,
    offset:
      offset === undefined
        ? null
        : {
            samples: offset.numSamples,
            seconds: offset.numSamples / sampleRate,
            correlation: offset.correlation,
          },
    aligned: isAligned,
    identical: isIdentical,
    scaled: siSdrDb === Infinity,
    snrDb: finite(snrDb),
    siSdrDb: finite(siSdrDb),
    melDistanceDb,
  };
}

function describeOffset({ offset }: Comparison, sampleRate: number, isAligned: boolean): string {
  if (offset === undefined) {
    return 'none can be found in silence';
  }
  const { numSamples, correlation } = offset;
  const ms = Math.abs((numSamples / sampleRate) * 1_000).toFixed(2);
  const side = numSamples === 0 ? '' : numSamples > 0 ? ', decoded is late' : ', decoded is early';
  const taken = isAligned && numSamples !== 0 ? ', taken out' : '';
  return `${ms} ms${side}${taken} (correlation ${correlation.toFixed(3)})`;
}

function describeDb(value: number, ifInfinite: string): string {
  if (Number.isNaN(value)) {
    return 'undefined, silence';
  }
  return value === Infinity
    ? `infinite, ${ifInfinite}`
    : value === -Infinity
      ? '-infinite, nothing in common'
      : `${value.toFixed(2)} dB`;
}

function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path;
}
