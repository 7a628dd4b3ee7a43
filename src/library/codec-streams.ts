import { SpeechError } from '../../base/errors.js';
import type { Codec, CodecKind } from '../../codecs/contract.js';
import { decodeLnt, type LntDecodeOptions } from '../../codecs/lnt/decode-lnt.js';
import { encodeLnt } from '../../codecs/lnt/encode-lnt.js';
import type { LntEncodeOptions } from '../../codecs/lnt/lnt-encoder.js';
import { codeTablesOf, findCodeTables } from '../files/code-tables.js';
import type { SpeechChunk } from '../../tts/types.js';

/** Options of {@link encodeStream}. */
export type LntStreamOptions = Omit<LntEncodeOptions, 'tables'> & {
  /** Entropy-code the tokens: some 12 % smaller; false by default. */
  entropy?: boolean;
};

/** What `pipeThrough` takes: what is written to the one stream comes out of the other, changed. */
export type StreamPair<Input, Output> = {
  readable: ReadableStream<Output>;
  writable: WritableStream<Input>;
};

/**
 * Makes streams that turn audio into the bytes of a `.lnt` file, while it comes:
 * `audio.pipeThrough(encodeStream(codec)).pipeTo(file)`.
 *
 * Audio is taken only as the bytes are read. However the streams end, the codec's own stream is closed.
 *
 * @param codec - The codec, which stays open.
 * @param options - What to keep and to say.
 * @returns The streams: samples are mono at the codec's rate, in pieces of any length, or the chunks that
 * `Engine.speak` gives; at least one sample in all. Bytes come a block of about a second at a time. Reading
 * fails with `OPTION_INVALID` for levels that the codec does not have or tags that are too long, `AUDIO_EMPTY`,
 * `AUDIO_INVALID`, what the codec throws, or the reason with which the writing was aborted.
 */
export function encodeStream(
  codec: Codec,
  { entropy = false, ...options }: LntStreamOptions = {},
): StreamPair<Float32Array | SpeechChunk, Uint8Array> {
  return makePair((input: AsyncIterable<Float32Array | SpeechChunk>) =>
    encodeLnt(
      codec,
      samplesOf(input),
      entropy ? { ...options, tables: codeTablesOf(codec.kind) } : options,
    ),
  );
}

/**
 * Makes streams that turn the bytes of a `.lnt` file into audio, while they come:
 * `file.pipeThrough(decodeStream(codec))`.
 *
 * Bytes are taken only as the samples are read; once all that are wanted were read, the rest is refused. However
 * the streams end, the codec's own stream is closed.
 *
 * @param codec - The codec, which stays open; or what gives the one of the kind that the file names, such as
 * `(kind) => engine.loadCodec(kind)`.
 * @param options - What is wanted, and what to do where the file is damaged.
 * @returns The streams: bytes cut anywhere; mono samples at the codec's rate, about a second at a time. Reading
 * fails with `BITSTREAM_INVALID`, `BITSTREAM_TRUNCATED`, `WEIGHTS_DIFFER`, `AUDIO_EMPTY`, what the codec throws,
 * or the reason with which the writing was aborted.
 * @throws {SpeechError} `OPTION_INVALID` if `startSample` or `numSamples` is no such number.
 */
export function decodeStream(
  codec: Codec | ((kind: CodecKind) => Codec | Promise<Codec>),
  options: LntDecodeOptions = {},
): StreamPair<Uint8Array, Float32Array> {
  checkNumber('startSample', options.startSample, 0);
  checkNumber('numSamples', options.numSamples, 1);
  return makePair((input: AsyncIterable<Uint8Array>) =>
    decodeLnt(
      ({ codec: kind }) => (typeof codec === 'function' ? codec(kind) : codec),
      bytesOf(input),
      { findTables: findCodeTables, ...options },
    ),
  );
}

/** Runs a generator between two streams, at the pace of who reads. */
function makePair<Input, Output>(
  change: (input: AsyncIterable<Input>) => AsyncGenerator<Output, void, undefined>,
): StreamPair<Input, Output> {
  const entrance = new TransformStream<Input, Input>();
  const reader = entrance.readable.getReader();
  let isCancelled = false;
  async function* read(): AsyncGenerator<Input, void, undefined> {
    for (;;) {
      const { done, value } = await reader.read();
      if (isCancelled) {
        // what came before is not to be worked on as if it were all
        throw new SpeechError('CANCELLED', 'The stream was cancelled.');
      }
      if (done) {
        return;
      }
      yield value;
    }
  }
  // the input may have failed before, which its writer knows
  const refuseInput = (reason: unknown) => reader.cancel(reason).catch(() => undefined);
  const output = change(read());
  const readable = new ReadableStream<Output>(
    {
      start(controller) {
        // at once, and not only when the generator asks for more
        reader.closed.catch((reason: unknown) => {
          isCancelled = true;
          controller.error(reason);
          output.return().catch(() => undefined);
        });
      },
      async pull(controller) {
        try {
          const next = await output.next();
          if (next.done === true) {
            // who writes on after the end is told so, as by TransformStream's terminate()
            await refuseInput(new SpeechError('CANCELLED', 'No more input is needed.'));
            controller.close();
          } else {
            controller.enqueue(next.value);
          }
        } catch (error) {
          await refuseInput(error);
          throw error;
        }
      },
      async cancel(reason) {
        isCancelled = true;
        // first, since a generator that waits for input ends only when it comes
        await refuseInput(reason);
        await output.return();
      },
    },
    { highWaterMark: 0 },
  );
  return { readable, writable: entrance.writable };
}

async function* samplesOf(
  input: AsyncIterable<Float32Array | SpeechChunk>,
): AsyncGenerator<Float32Array, void, undefined> {
  for await (const piece of input) {
    const samples: unknown = piece instanceof Float32Array ? piece : piece.samples;
    if (!(samples instanceof Float32Array)) {
      throw new SpeechError(
        'AUDIO_INVALID',
        'A piece of the audio is neither a Float32Array nor a chunk of speech.',
      );
    }
    yield samples;
  }
}

async function* bytesOf(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of input) {
    if (!((piece as unknown) instanceof Uint8Array)) {
      throw new SpeechError('BITSTREAM_INVALID', 'A piece of the file is no Uint8Array.');
    }
    yield piece;
  }
}

function checkNumber(name: string, value: number | undefined, min: number): void {
  if (value !== undefined && value !== Infinity && !(Number.isSafeInteger(value) && value >= min)) {
    throw new SpeechError(
      'OPTION_INVALID',
      `options.${name} is ${String(value)}; it must be an integer of at least ${min}.`,
      { option: name },
    );
  }
}
