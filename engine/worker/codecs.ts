import { SpeechError } from '../../base/errors.js';
import type {
  Codec,
  CodecKind,
  CodecProperties,
  Codes,
  EncodeOptions,
} from '../../codecs/contract.js';
import { loadCodec } from '../../codecs/index.js';
import type { Runtime } from '../../kernels/index.js';

type Method = (...args: never[]) => unknown;

/** Codecs and their streams in the engine worker, as objects with numbers that messages can name. */
export class WorkerCodecs {
  readonly #runtime: Runtime;
  readonly #modelPath: string;
  readonly #codecs = new Map<CodecKind, Promise<Codec>>();
  readonly #objects = new Map<number, Readonly<Record<string, Method>>>();
  #nextObject = 1;

  /** @param runtime - Where the codecs run. @param modelPath - Folder that holds the models. */
  constructor(runtime: Runtime, modelPath: string) {
    this.#runtime = runtime;
    this.#modelPath = modelPath;
    this.#objects.set(0, { loadCodec: (kind: CodecKind) => this.#load(kind) });
  }

  /**
   * Calls a method of an object.
   *
   * @param object - Its number; 0 loads codecs.
   * @param method - The method's name.
   * @param args - As they came in the message.
   * @returns Plain data, or the number of a new object, or a promise of them.
   * @throws {SpeechError} What the method throws; `STATE_INVALID` if there is no such object.
   */
  call(object: number, method: string, args: unknown[]): unknown {
    const methods = this.#objects.get(object);
    if (methods === undefined || !Object.hasOwn(methods, method)) {
      throw new SpeechError('STATE_INVALID', 'The codec or stream was closed; open another.');
    }
    return methods[method]!(...(args as never[]));
  }

  /** Frees the codecs and everything opened from them. */
  async close(): Promise<void> {
    this.#objects.clear();
    const codecs = await Promise.allSettled(this.#codecs.values());
    this.#codecs.clear();
    for (const codec of codecs) {
      if (codec.status === 'fulfilled') {
        await codec.value.close();
      }
    }
  }

  async #load(kind: CodecKind): Promise<{ object: number; properties: CodecProperties }> {
    let loading = this.#codecs.get(kind);
    if (loading === undefined) {
      loading = loadCodec(this.#runtime, kind, this.#modelPath);
      this.#codecs.set(kind, loading);
      // a file that is missing now may be there next time
      loading.catch(() => this.#codecs.delete(kind));
    }
    const codec = await loading;
    const { name, sampleRate, channels, frameSize, frameRate, numCodebooks, cardinality } = codec;
    const object = this.#add((number) => ({
      encode: (pcm: Float32Array, options?: EncodeOptions) => codec.encode(pcm, options),
      decode: (codes: Codes) => codec.decode(codes),
      encoder: (options?: EncodeOptions) => this.#addStream(codec.encoder(options)),
      decoder: () => this.#addStream(codec.decoder()),
      // the networks stay for others; only this caller's handle goes
      close: () => {
        this.#objects.delete(number);
      },
    }));
    return {
      object,
      properties: { name, sampleRate, channels, frameSize, frameRate, numCodebooks, cardinality },
    };
  }

  #addStream(stream: {
    push: (input: never) => Promise<unknown>;
    flush: () => Promise<unknown>;
    reset: () => Promise<void>;
    close: () => Promise<void>;
  }): number {
    return this.#add((number) => ({
      push: (input: never) => stream.push(input),
      flush: () => stream.flush(),
      reset: () => stream.reset(),
      close: async () => {
        this.#objects.delete(number);
        await stream.close();
      },
    }));
  }

  #add(make: (number: number) => Readonly<Record<string, Method>>): number {
    const number = this.#nextObject++;
    this.#objects.set(number, make(number));
    return number;
  }
}
