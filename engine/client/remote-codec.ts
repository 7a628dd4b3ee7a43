import { SpeechError } from '../../base/errors.js';
import { readNumCodebooks } from '../../codecs/checks.js';
import type {
  Codec,
  CodecKind,
  CodecProperties,
  Codes,
  DecoderStream,
  EncodeOptions,
  EncoderStream,
} from '../../codecs/contract.js';
import { Described } from '../../codecs/described.js';
import type { EngineConnection } from './connection.js';

/** Gives the live worker, a new one if the last has died. */
type Connect = () => EngineConnection;

/**
 * Opens a codec that lives in the engine's worker.
 *
 * @param kind - Which tokens.
 * @param connect - Gives the live worker, a new one if the last has died.
 * @throws {SpeechError} What the worker's loading throws.
 */
export async function openRemoteCodec(kind: CodecKind, connect: Connect): Promise<Codec> {
  return new RemoteCodec(await connect().call('describe', kind), connect);
}

class RemoteCodec extends Described implements Codec {
  readonly #connect: Connect;
  #isClosed = false;

  constructor(properties: CodecProperties, connect: Connect) {
    super(properties);
    this.#connect = connect;
  }

  async encode(pcm: Float32Array, options?: EncodeOptions): Promise<Codes> {
    return this.#open().call('encode', this.kind, ownSamples(pcm), options);
  }

  async encodeBatch(pcms: readonly Float32Array[], options?: EncodeOptions): Promise<Codes[]> {
    return this.#open().call('encodeBatch', this.kind, pcms.map(ownSamples), options);
  }

  async decode(codes: Codes): Promise<Float32Array> {
    return this.#open().call('decode', this.kind, ownCodes(codes));
  }

  encoder(options?: EncodeOptions): EncoderStream {
    readNumCodebooks(this, options);
    const stream = new RemoteStream(
      () => this.#open(),
      (connection) => connection.call('openEncoder', this.kind, options),
    );
    return {
      push: (pcm) => stream.use((worker, id) => worker.call('pushSamples', id, ownSamples(pcm))),
      flush: () => stream.use((worker, id) => worker.call('flushEncoder', id)),
      reset: () => stream.reset(),
      close: () => stream.close(),
    };
  }

  decoder(): DecoderStream {
    const stream = new RemoteStream(
      () => this.#open(),
      (connection) => connection.call('openDecoder', this.kind),
    );
    return {
      push: (codes) => stream.use((worker, id) => worker.call('pushCodes', id, ownCodes(codes))),
      flush: () => stream.use((worker, id) => worker.call('flushDecoder', id)),
      reset: () => stream.reset(),
      close: () => stream.close(),
    };
  }

  /** Closes this handle; the networks stay loaded for others. */
  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #open(): EngineConnection {
    if (this.#isClosed) {
      throw new SpeechError('ENGINE_CLOSED', 'The codec was closed.');
    }
    return this.#connect();
  }
}

/** A stream of the worker's codec. It opens at its first use, and is gone with its worker. */
class RemoteStream {
  readonly #connect: Connect;
  readonly #open: (connection: EngineConnection) => Promise<number>;
  #opened: Promise<{ connection: EngineConnection; id: number }> | undefined;
  #isClosed = false;

  constructor(connect: Connect, open: (connection: EngineConnection) => Promise<number>) {
    this.#connect = connect;
    this.#open = open;
  }

  async use<T>(call: (connection: EngineConnection, id: number) => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new SpeechError('STATE_INVALID', 'The stream was closed; open another.');
    }
    const live = this.#connect();
    this.#opened ??= this.#open(live).then((id) => ({ connection: live, id }));
    const { connection, id } = await this.#opened;
    return call(connection, id);
  }

  reset(): Promise<void> {
    return this.use((connection, id) => connection.call('resetStream', id));
  }

  async close(): Promise<void> {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    const opened = await this.#opened?.catch(() => undefined);
    if (opened?.connection.isAlive === true) {
      await opened.connection.call('closeStream', opened.id);
    }
  }
}

/** A message carries the whole buffer behind a view, so a second of an hour's samples is copied out. */
function ownSamples(pcm: Float32Array): Float32Array {
  return pcm.byteLength < pcm.buffer.byteLength ? pcm.slice() : pcm;
}

/** The same for tokens. */
function ownCodes(codes: Codes): Codes {
  const { data } = codes;
  return data.byteLength < data.buffer.byteLength ? { ...codes, data: data.slice() } : codes;
}
