import { SpeechError } from '../../base/errors.js';
import { FfmpegStream } from './ffmpeg.js';
import { requireFfmpeg } from './find-ffmpeg.js';
import { SPEECH_SAMPLE_RATE, type AudioFormat } from './formats.js';
import { toS16Bytes } from './pcm.js';

/** What ffmpeg is told for one output format. */
type EncoderSettings = {
  container: string;
  codec: string;
  /** Unless the format names another. */
  bitrateKbps?: number;
  options: string[];
  /** What it is told besides when its output cannot go back to the beginning, or when it can. */
  streamed?: string[];
  seekable?: string[];
};

const SETTINGS: Readonly<Record<string, EncoderSettings>> = {
  // a Xing header would have to be written at the front once the end is known, and without it the
  // constant bitrate gives players the right duration; ID3 tags have nothing to say here; a frame that
  // lends bits to the next ones can only be sent together with them
  mp3: {
    container: 'mp3',
    codec: 'libmp3lame',
    bitrateKbps: 64,
    options: ['-reservoir', '0', '-write_xing', '0', '-id3v2_version', '0'],
  },
  // Ogg pages of 40 ms instead of a second, so that a stream starts at once
  opus: {
    container: 'ogg',
    codec: 'libopus',
    bitrateKbps: 32,
    options: ['-application', 'voip', '-page_duration', '40000'],
  },
  aac: { container: 'adts', codec: 'aac', bitrateKbps: 64, options: [] },
  // the index stands before the audio, or audio comes in fragments of 200 ms with their own index
  m4a: {
    container: 'ipod',
    codec: 'aac',
    bitrateKbps: 64,
    options: [],
    streamed: ['-movflags', '+empty_moov+default_base_moof', '-frag_duration', '200000'],
    seekable: ['-movflags', '+faststart'],
  },
  flac: {
    container: 'flac',
    codec: 'flac',
    options: ['-frame_size', '1152', '-sample_fmt', 's16'],
  },
};

// of raw samples ffmpeg waits for as many as fit a tenth of a second, more than the engine's first
// chunk has; so it is told a rate that is lower by this, and the right one before it encodes
const HASTE = 16;

/**
 * Makes a stream that turns samples into compressed audio with one ffmpeg process.
 *
 * Write `Float32Array`s of mono samples at 24 kHz; read bytes while they are made. All formats get the
 * 16-bit samples that a WAV file would have. Destroying the stream kills the process. It fails with
 * `FFMPEG_FAILED` if ffmpeg does.
 *
 * @param format - A format whose `needsFfmpeg` is true.
 * @param options - `path`: ffmpeg writes there, over what is there, and the stream ends without a
 * byte once the file is complete.
 * @returns The stream.
 * @throws {SpeechError} `FFMPEG_MISSING` if there is no ffmpeg.
 */
export function createFfmpegEncoder(
  format: AudioFormat,
  options: { path?: string } = {},
): FfmpegStream {
  const { container, codec, ...settings } = SETTINGS[format.name]!;
  const { path } = options;
  const bitrateKbps = format.bitrateKbps ?? settings.bitrateKbps;
  return new FfmpegStream({
    program: requireFfmpeg(format.name),
    inputOptions: [
      ...['-f', 's16le', '-ar', String(SPEECH_SAMPLE_RATE / HASTE), '-ac', '1'],
      // raw samples need no probing, without these ffmpeg first waits for seconds of audio;
      // "nobuffer" would be quicker still, but loses the samples that were looked at
      ...['-probesize', '32', '-analyzeduration', '0'],
    ],
    toBytes: toS16Bytes,
    codec,
    container,
    outputOptions: [
      ...['-af', `asetrate=${SPEECH_SAMPLE_RATE}`, '-ar', String(format.sampleRate)],
      ...(bitrateKbps === undefined ? [] : ['-b:a', `${bitrateKbps}k`]),
      ...settings.options,
      ...((path === undefined ? settings.streamed : settings.seekable) ?? []),
      ...['-flush_packets', '1', '-map_metadata', '-1', '-fflags', '+bitexact'],
    ],
    ...(path === undefined ? {} : { outputPath: path }),
    toError: (cause) =>
      new SpeechError('FFMPEG_FAILED', `ffmpeg could not encode ${format.name}.`, {}, { cause }),
  });
}
