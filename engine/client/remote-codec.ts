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
import type { EngineConnection } from './connection.js';

/** An object that lives in the worker behind one connection. */
type RemoteObject = { connection: EngineConnection; object: number };

/**
 * Opens a codec that lives in the engine's worker.
 *
 * @param kind - Which tokens.
 * @param connect - Gives the live worker, a new one if the last has died.
 * @throws {SpeechError} What the worker's loading throws.
 */
export async function openRemoteCodec(
  kind: CodecKind,
  connect: () => EngineConnection,
): Promise<Codec> {
  const open = async (): Promise<RemoteObject & { properties: CodecProperties }> => {
    const connection = connect();
    await connection.ready();
    const opened = (await connection.call(0, 'loadCodec', [kind])) as {
      object: number;
      properties: CodecProperties;
    };
    return { connection, ...opened };
  };
  const first = await open();
  return new RemoteCodec(first.properties, open, first);
}

class RemoteCodec implements Codec {
  readonly name: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly frameSize: number;
  readonly frameRate: number;
  readonly numCodebooks: number;
  readonly cardinality: number;
  readonly #open: () => Promise<RemoteObject>;
  #remote: Promise<RemoteObject>;
  #connection: EngineConnection;
  #isClosed = false;

  constructor(
    properties: CodecProperties,
    open: () => Promise<RemoteObject>,
    remote: RemoteObject,
  ) {
    this.name = properties.name;
    this.sampleRate = properties.sampleRate;
    this.channels = properties.channels;
    this.frameSize = properties.frameSize;
    this.frameRate = properties.frameRate;
    this.numCodebooks = properties.numCodebooks;
    this.cardinality = properties.cardinality;
    this.#open = open;
    this.#remote = Promise.resolve(remote);
    this.#connection = remote.connection;
  }

  async encode(pcm: Float32Array, options?: EncodeOptions): Promise<Codes> {
    const { connection, object } = await this.#resolve();
    return (await connection.call(object, 'encode', [ownSamples(pcm), options])) as Codes;
  }

  async decode(codes: Codes): Promise<Float32Array> {
    const { connection, object } = await this.#resolve();
    return (await connection.call(object, 'decode', [ownCodes(codes)])) as Float32Array;
  }

  encoder(options?: EncodeOptions): EncoderStream {
    readNumCodebooks(this, options);
    const open = () => this.#openStream('encoder', [options]);
    return new RemoteStream<Float32Array, Codes>(open, ownSamples);
  }

  decoder(): DecoderStream {
    return new RemoteStream<Codes, Float32Array>(() => this.#openStream('decoder', []), ownCodes);
  }

  async close(): Promise<void> {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    const { connection, object } = await this.#remote;
    if (connection.isAlive) {
      await connection.call(object, 'close', []);
    }
  }

  async #openStream(method: string, args: unknown[]): Promise<RemoteObject> {
    const { connection, object } = await this.#resolve();
    return { connection, object: (await connection.call(object, method, args)) as number };
  }

  /** The codec in the worker; opened again where that worker has died. */
  #resolve(): Promise<RemoteObject> {
    if (this.#isClosed) {
      return Promise.reject(new SpeechError('ENGINE_CLOSED', 'The codec was closed.'));
    }
    if (!this.#connection.isAlive) {
      this.#remote = this.#open().then((remote) => {
        this.#connection = remote.connection;
        return remote;
      });
    }
    return this.#remote;
  }
}

/** A stream of the worker's codec. It opens at its first use, and is gone with its worker. */
class RemoteStream<Input, Output> {
  readonly #open: () => Promise<RemoteObject>;
  readonly #own: (input: Input) => Input;
  #remote: Promise<RemoteObject> | undefined;
  #isClosed = false;

  constructor(open: () => Promise<RemoteObject>, own: (input: Input) => Input) {
    this.#open = open;
    this.#own = own;
  }

  async push(input: Input): Promise<Output> {
    return (await this.#call('push', [this.#own(input)])) as Output;
  }

  async flush(): Promise<Output> {
    return (await this.#call('flush', [])) as Output;
  }

  async reset(): Promise<void> {
    await this.#call('reset', []);
  }

  async close(): Promise<void> {
    if (!this.#isClosed && this.#remote !== undefined) {
      const { connection } = await this.#remote;
      if (connection.isAlive) {
        await this.#call('close', []);
      }
    }
    this.#isClosed = true;
  }

  async #call(method: string, args: unknown[]): Promise<unknown> {
    if (this.#isClosed) {
      throw new SpeechError('STATE_INVALID', 'The stream was closed; open another.');
    }
    this.#remote ??= this.#open();
    const { connection, object } = await this.#remote;
    return connection.call(object, method, args);
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
