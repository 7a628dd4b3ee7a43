import { SpeechError } from '../base/errors.js';
import type { CodecProperties, DecoderStream } from '../codecs/contract.js';
import { Described } from '../codecs/described.js';
import type { ExportedDecoder } from '../codecs/exported-decoder.js';
import { parseCodeTables, type CodeTables, type FindTables } from '../codecs/lnt/code-tables.js';
import { decodeLnt, type LntDecodeOptions } from '../codecs/lnt/decode-lnt.js';
import type { LntHeader } from '../codecs/lnt/lnt-header.js';
import { TrimmedDecoderStream } from '../codecs/streaming/decoder-stream.js';
import { Serial } from '../codecs/streaming/serial.js';
import { readBytes, type ByteStream } from './byte-stream.js';
import { fetchDecoder, type DecoderFiles, type FetchOptions } from './fetch-decoder.js';
import { OnnxFrameDecoder, type RunGraph } from './frame-decoder.js';
import type { OnnxRuntime, OrtSession } from './onnx-runtime.js';

/** How {@link LntDecoder.create} is to run the graph. */
export type LntDecoderOptions = {
  /** The module of onnxruntime-web. */
  ort: OnnxRuntime;
  /** Execution providers of onnxruntime-web, the first that works; `['wasm']` by default. */
  executionProviders?: readonly string[];
};

/** Options of {@link LntDecoder.load}. */
export type LntLoadOptions = LntDecoderOptions &
  FetchOptions & {
    /**
     * Address of the decoder's files without `.onnx`, `.json` and `.tables`, such as `/v1/audio/decoder/rvq` of a server, or
     * `decoder/decoder` for what `linnet export-decoder` wrote.
     */
    url: string;
  };

/** Options of {@link LntDecoder.decode}. */
export type LntPlayOptions = Omit<LntDecodeOptions, 'startSample' | 'numSamples' | 'findTables'> & {
  /** Ends it. */
  signal?: AbortSignal;
  /** Told what the file says of itself, before its first samples. */
  onHeader?: (header: LntHeader) => void;
};

/** Turns token files of one codec into samples, in any program that has onnxruntime-web. */
export class LntDecoder extends Described implements CodecProperties {
  readonly #ort: OnnxRuntime;
  readonly #description: ExportedDecoder;
  readonly #session: OrtSession;
  readonly #tables: CodeTables | undefined;
  // onnxruntime-web takes one run of a session at a time
  readonly #runs = new Serial();

  private constructor(
    ort: OnnxRuntime,
    description: ExportedDecoder,
    session: OrtSession,
    tables: CodeTables | undefined,
  ) {
    const { sampleRate, frameSize } = description;
    super({ ...description, channels: 1, frameRate: sampleRate / frameSize });
    this.#ort = ort;
    this.#description = description;
    this.#session = session;
    this.#tables = tables;
  }

  /**
   * Fetches a decoder and loads it.
   *
   * @param options - Where it is and what runs it.
   * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`, `CANCELLED`; `MODEL_INVALID` if its description is
   * none or its tables are damaged; `GRAPH_INVALID` if onnxruntime-web refuses it.
   */
  static async load({ url, ...options }: LntLoadOptions): Promise<LntDecoder> {
    return LntDecoder.create(await fetchDecoder(url, options), options);
  }

  /**
   * Loads a decoder whose files are there.
   *
   * @param files - What they hold.
   * @param options - What runs it.
   * @throws {SpeechError} `MODEL_INVALID` if the tables are damaged; `GRAPH_INVALID` if onnxruntime-web refuses it.
   */
  static async create(
    { model, description, tables }: DecoderFiles,
    { ort, executionProviders = ['wasm'] }: LntDecoderOptions,
  ): Promise<LntDecoder> {
    const parsed = tables === undefined ? undefined : parseTables(tables);
    const options = { executionProviders, graphOptimizationLevel: 'all' } as const;
    const session = await ort.InferenceSession.create(model, options).catch((cause: unknown) => {
      throw new SpeechError(
        'GRAPH_INVALID',
        `onnxruntime-web cannot load the decoder on ${executionProviders.join(', ')}.`,
        { device: executionProviders.join(', ') },
        { cause },
      );
    });
    return new LntDecoder(ort, description, session, parsed);
  }

  /**
   * Decodes the bytes of a `.lnt` file while they come.
   *
   * @param bytes - The file, cut anywhere; it is cancelled when no more of it is wanted.
   * @param options - What to do about other weights and damage, and what ends it.
   * @yields Samples at `sampleRate`, mono, nominally in `[-1, 1]`, about a second at a time; silence for what is
   * damaged.
   * @throws {SpeechError} As `decodeLnt`, with `WEIGHTS_DIFFER` for an entropy-coded file without its tables;
   * `CANCELLED`; `STATE_INVALID` after {@link close}.
   */
  async *decode(
    bytes: ByteStream,
    { signal, onHeader, ...options }: LntPlayOptions = {},
  ): AsyncGenerator<Float32Array, void, undefined> {
    const findCodec = (header: LntHeader) => {
      onHeader?.(header);
      return this;
    };
    const findTables: FindTables = (crc) => this.#findTables(crc);
    const all = { ...options, findTables };
    for await (const samples of decodeLnt(findCodec, readBytes(bytes, signal), all)) {
      if (signal?.aborted === true) {
        throw new SpeechError('CANCELLED', 'Decoding was cancelled.');
      }
      yield samples;
    }
  }

  /** Opens a stream of tokens with its own state, as `Codec.decoder` does. */
  decoder(): DecoderStream {
    const run: RunGraph = (task) => this.#runs.run(() => task(this.#session));
    const frames = new OnnxFrameDecoder(this.#ort, this.#description, run);
    return new TrimmedDecoderStream(this, this.#description.overlap, frames);
  }

  /** Frees the graph; streams still open fail with `STATE_INVALID`. Safe to call twice. */
  close(): Promise<void> {
    return this.#runs.close(() => this.#session.release());
  }

  #findTables(crc: number): CodeTables | undefined {
    if (this.#tables === undefined) {
      throw new SpeechError(
        'WEIGHTS_DIFFER',
        `The codes are entropy-coded by tables (${crc.toString(16)}), and the decoder was loaded without any; load it with the option tables: true.`,
        { tablesCrc: crc },
      );
    }
    return this.#tables.crc === crc ? this.#tables : undefined;
  }
}

function parseTables(bytes: Uint8Array): CodeTables {
  try {
    return parseCodeTables(bytes);
  } catch (cause) {
    throw new SpeechError(
      'MODEL_INVALID',
      'The coding tables of the decoder are damaged, or of a later version.',
      {},
      { cause },
    );
  }
}
