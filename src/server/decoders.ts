import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { errorFromBody, SpeechError, type SpeechErrorBody } from '../../base/errors.js';
import type { CodecKind } from '../../codecs/contract.js';
import type { ExportedWeights } from '../../codecs/exported-decoder.js';
import { Serial } from '../../codecs/streaming/serial.js';
import { encodeDescription, type DecoderParts } from '../files/decoder-files.js';

/** What the thread that makes a decoder is told. */
export type DecoderRequest = { kind: CodecKind; weights: ExportedWeights };

/** What it answers. */
export type DecoderAnswer = DecoderParts | SpeechErrorBody;

/** A file as it is sent. */
export type ServedFile = {
  bytes: Buffer;
  /** SHA-256 of it, in quotes: another file has another. */
  etag: string;
};

/** The files of one decoder. */
export type ServedDecoder = { onnx: ServedFile; json: ServedFile; tables: ServedFile };

/** The decoders that pages ask for: each is made once, in a thread of its own, and kept. */
export class Decoders {
  readonly #made = new Map<string, Promise<ServedDecoder>>();
  // one at a time, since each takes hundreds of megabytes while it is made
  readonly #queue = new Serial();
  readonly #workers = new Set<Worker>();
  #isClosed = false;

  /**
   * Gives a decoder.
   *
   * @param kind - Which tokens.
   * @param weights - How its weights are stored.
   * @throws {SpeechError} What `makeDecoder` throws; `SHUTTING_DOWN` after {@link close}.
   */
  get(kind: CodecKind, weights: ExportedWeights): Promise<ServedDecoder> {
    const key = `${kind} ${weights}`;
    let made = this.#made.get(key);
    if (made === undefined) {
      made = this.#queue.run(() => this.#make({ kind, weights }));
      this.#made.set(key, made);
      // the next request tries again
      made.catch(() => this.#made.delete(key));
    }
    return made;
  }

  /** Ends what is being made. */
  close(): void {
    this.#isClosed = true;
    for (const worker of this.#workers) {
      void worker.terminate();
    }
  }

  async #make(request: DecoderRequest): Promise<ServedDecoder> {
    const { model, description, tables } = await this.#ask(request);
    return {
      onnx: served(model),
      json: served(encodeDescription(description)),
      tables: served(tables),
    };
  }

  #ask(request: DecoderRequest): Promise<DecoderParts> {
    if (this.#isClosed) {
      throw shuttingDown();
    }
    const worker = new Worker(new URL('./decoder-worker.js', import.meta.url), {
      workerData: request,
    });
    this.#workers.add(worker);
    return new Promise((resolve, reject) => {
      worker.once('message', (answer: DecoderAnswer) => {
        if ('error' in answer) {
          reject(errorFromBody(answer));
        } else {
          resolve(answer);
        }
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        this.#workers.delete(worker);
        // without an answer; after one it changes nothing
        reject(shuttingDown());
      });
    });
  }
}

function served(bytes: Uint8Array): ServedFile {
  const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
  return { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), etag };
}

function shuttingDown(): SpeechError {
  return new SpeechError('SHUTTING_DOWN', 'The server is shutting down.');
}
