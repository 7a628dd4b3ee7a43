import { SpeechError } from '../../base/errors.js';
import type {
  Codec,
  CodecKind,
  DecoderStream,
  EncodeOptions,
  EncoderStream,
} from '../../codecs/contract.js';
import { Described } from '../../codecs/described.js';
import type { LatentCodec } from '../../codecs/index.js';
import type { CodecCalls, CodecCommand } from '../protocol.js';

type Service = {
  [Method in keyof CodecCalls]: (
    ...args: Parameters<CodecCalls[Method]>
  ) => Promise<ReturnType<CodecCalls[Method]>>;
};

type AnyService = Record<
  keyof CodecCalls,
  (...args: never[]) => Promise<ReturnType<CodecCalls[keyof CodecCalls]>>
>;

/** The codecs of the engine worker and the streams that were opened from them. */
export class WorkerCodecs implements Service {
  readonly #latents: () => LatentCodec;
  readonly #codecs = new Map<CodecKind, Promise<Codec>>();
  readonly #encoders = new Map<number, EncoderStream>();
  readonly #decoders = new Map<number, DecoderStream>();
  #nextStream = 1;

  /** @param latents - Gives the engine's latent codec, which stays open when these are closed. */
  constructor(latents: () => LatentCodec) {
    this.#latents = latents;
  }

  /**
   * Does what a message asks.
   *
   * @throws {SpeechError} What the codec throws; `STATE_INVALID` if there is no such stream.
   */
  obey({ method, args }: CodecCommand): Promise<ReturnType<CodecCalls[keyof CodecCalls]>> {
    // the protocol ties the arguments to the method, which a union cannot say
    return (this as AnyService)[method](...(args as unknown as never[]));
  }

  /** What the codec promises. */
  async describe(kind: CodecKind) {
    // the properties alone: a codec itself cannot be sent
    return new Described(await this.#load(kind));
  }

  /** See `Codec.encode`. */
  async encode(...[kind, pcm, options]: Parameters<CodecCalls['encode']>) {
    return (await this.#load(kind)).encode(pcm, options);
  }

  /** See `Codec.encodeBatch`. */
  async encodeBatch(...[kind, pcms, options]: Parameters<CodecCalls['encodeBatch']>) {
    return (await this.#load(kind)).encodeBatch(pcms, options);
  }

  /** See `Codec.decode`. */
  async decode(...[kind, codes]: Parameters<CodecCalls['decode']>) {
    return (await this.#load(kind)).decode(codes);
  }

  /** Opens a stream. @returns Its number. */
  async openEncoder(kind: CodecKind, options?: EncodeOptions) {
    const encoder = (await this.#load(kind)).encoder(options);
    this.#encoders.set(this.#nextStream, encoder);
    return this.#nextStream++;
  }

  /** Opens a stream. @returns Its number. */
  async openDecoder(kind: CodecKind) {
    const decoder = (await this.#load(kind)).decoder();
    this.#decoders.set(this.#nextStream, decoder);
    return this.#nextStream++;
  }

  /** See `EncoderStream.push`. */
  async pushSamples(...[encoder, pcm]: Parameters<CodecCalls['pushSamples']>) {
    return find(this.#encoders, encoder).push(pcm);
  }

  /** See `DecoderStream.push`. */
  async pushCodes(...[decoder, codes]: Parameters<CodecCalls['pushCodes']>) {
    return find(this.#decoders, decoder).push(codes);
  }

  /** See `EncoderStream.flush`. */
  async flushEncoder(encoder: number) {
    return find(this.#encoders, encoder).flush();
  }

  /** See `DecoderStream.flush`. */
  async flushDecoder(decoder: number) {
    return find(this.#decoders, decoder).flush();
  }

  /** Forgets what was pushed. */
  async resetStream(stream: number) {
    return this.#find(stream).reset();
  }

  /** Frees the state; the number stands for nothing any more. */
  async closeStream(stream: number) {
    const opened = this.#find(stream);
    this.#encoders.delete(stream);
    this.#decoders.delete(stream);
    return opened.close();
  }

  /** Frees the codecs and everything opened from them. */
  async close(): Promise<void> {
    this.#encoders.clear();
    this.#decoders.clear();
    const codecs = await Promise.allSettled(this.#codecs.values());
    this.#codecs.clear();
    for (const codec of codecs) {
      if (codec.status === 'fulfilled') {
        await codec.value.close();
      }
    }
  }

  #find(stream: number): EncoderStream | DecoderStream {
    return this.#encoders.get(stream) ?? find(this.#decoders, stream);
  }

  #load(kind: CodecKind): Promise<Codec> {
    let loading = this.#codecs.get(kind);
    if (loading === undefined) {
      loading = Promise.resolve().then(() => this.#latents().load(kind));
      this.#codecs.set(kind, loading);
      // a file that is missing now may be there next time
      loading.catch(() => this.#codecs.delete(kind));
    }
    return loading;
  }
}

function find<Stream>(streams: ReadonlyMap<number, Stream>, id: number): Stream {
  const stream = streams.get(id);
  if (stream === undefined) {
    throw new SpeechError('STATE_INVALID', 'The stream was closed; open another.');
  }
  return stream;
}
