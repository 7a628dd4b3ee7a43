import { Readable, pipeline } from 'node:stream';
import { SpeechError } from '../../base/errors.js';
import { FfmpegStream } from './ffmpeg.js';
import { requireFfmpeg } from './find-ffmpeg.js';

/**
 * Turns an audio file of any format ffmpeg knows into a WAV stream: floats, with the file's own
 * channels and sample rate.
 *
 * @param input - The path of a file, or the bytes of one. Some formats, such as MP4 with its index at
 * the end, can only be read from a file.
 * @param name - What to call it in errors.
 * @returns The stream. Destroying it ends the process. It fails with `AUDIO_INVALID` if ffmpeg finds
 * no audio or finds it damaged.
 * @throws {SpeechError} `FFMPEG_MISSING`.
 */
export function decodeWithFfmpeg(
  input: string | AsyncIterable<Uint8Array>,
  name: string,
): FfmpegStream {
  const isFile = typeof input === 'string';
  const decoder = new FfmpegStream({
    program: requireFfmpeg(`${name}, which is no plain WAV file,`),
    ...(isFile ? { inputPath: input } : {}),
    // the list keeps a playlist from reaching out into the network
    inputOptions: ['-protocol_whitelist', isFile ? 'file' : 'pipe', '-xerror'],
    codec: 'pcm_f32le',
    container: 'wav',
    outputOptions: ['-map_metadata', '-1', '-fflags', '+bitexact'],
    toError: (cause) =>
      new SpeechError(
        'AUDIO_INVALID',
        `${name} cannot be read as audio: it is another kind of file, or damaged.`,
        { path: name },
        { cause },
      ),
  });
  if (!isFile) {
    // ffmpeg may stop reading early; if the input fails, the decoder is destroyed with its error
    pipeline(Readable.from(input, { objectMode: false }), decoder, () => undefined);
  }
  return decoder;
}
