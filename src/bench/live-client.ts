import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SpeechError } from '../../base/errors.js';
import {
  readFailure,
  type BenchClient,
  type Target,
  type Utterance,
  type UtteranceListener,
} from './client.js';

const PATH = '/v1/audio/speech/live';

type ServerMessage = { type: string; context_id?: string; bytes?: number };

/** The utterance that is being spoken. */
type Current = {
  contextId: string;
  listener: UtteranceListener;
  resolve: () => void;
  reject: (error: SpeechError) => void;
};

/**
 * A client of Linnet's protocol for live speech (docs/live.md). It keeps its socket from one utterance
 * to the next, each of which is a context of its own.
 */
export class LiveClient implements BenchClient {
  readonly #target: Target;
  #socket: WebSocket | undefined;
  #current: Current | undefined;
  #numUtterances = 0;
  /** Bytes of audio that the last header announced. */
  #expectedBytes: number | undefined;

  /** @param target - The server. */
  constructor(target: Target) {
    this.#target = target;
  }

  /** As {@link BenchClient.speak} says. */
  async speak(utterance: Utterance, listener: UtteranceListener): Promise<void> {
    const socket = this.#socket ?? (await this.#connect());
    const contextId = `utterance-${++this.#numUtterances}`;
    const done = new Promise<void>((resolve, reject) => {
      this.#current = { contextId, listener, resolve, reject };
    });
    // whoever waits for it hears of a failure; pushing may end before
    done.catch(() => undefined);
    try {
      await Promise.race([push(socket, contextId, utterance, listener), done]);
      await done;
    } finally {
      this.#current = undefined;
    }
  }

  /** As {@link BenchClient.leave} says. */
  leave(): void {
    this.#fail(left());
  }

  async #connect(): Promise<WebSocket> {
    const { url, apiKey } = this.#target;
    const socket = new WebSocket(new URL(PATH, url.replace(/^http/, 'ws')), {
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    });
    this.#socket = socket;
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('unexpected-response', (_, response: IncomingMessage) => {
          readRefusal(response).then(reject, reject);
        });
        // stays, since an error without a listener would end the process; "close" follows it
        socket.on('error', (error) => {
          reject(
            this.#socket === socket
              ? new SpeechError('BENCH_FAILED', `${url} cannot be reached: ${error.message}.`)
              : left(),
          );
        });
      });
    } catch (error) {
      this.#drop(socket);
      throw error;
    }
    socket.on('message', (data: Buffer, isBinary) => {
      // what a socket says after it was given up means nothing to the next
      if (this.#socket === socket) {
        this.#receive(data, isBinary);
      }
    });
    socket.once('close', (code) => {
      if (this.#socket === socket) {
        this.#fail(new SpeechError('BENCH_FAILED', `The server closed the socket with ${code}.`));
      }
    });
    return socket;
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      const expected = this.#expectedBytes;
      this.#expectedBytes = undefined;
      if (data.length === expected) {
        this.#current?.listener.audio(data);
      } else {
        this.#fail(strange(`a binary message of ${data.length} bytes`));
      }
      return;
    }
    const message = JSON.parse(data.toString()) as ServerMessage;
    const { type, context_id: contextId } = message;
    if (type === 'error') {
      this.#fail(readFailure(message, 'The server answered with an error without a code.'));
    } else if (type !== 'ready' && contextId !== this.#current?.contextId) {
      this.#fail(strange(`"${type}" of another context`));
    } else if (type === 'audio') {
      this.#expectedBytes = message.bytes;
    } else if (type === 'done') {
      this.#current?.resolve();
    }
  }

  /** The utterance is over, and so is the socket: what is left of it could be taken for the next one. */
  #fail(error: SpeechError): void {
    this.#drop(this.#socket);
    this.#current?.reject(error);
  }

  #drop(socket: WebSocket | undefined): void {
    socket?.terminate();
    if (this.#socket === socket) {
      this.#socket = undefined;
    }
    this.#expectedBytes = undefined;
  }
}

/** Sends the text; the words one by one where they have a pace, as a language model gives them. */
async function push(
  socket: WebSocket,
  contextId: string,
  { text, wordsPerSecond, voice, seed }: Utterance,
  listener: UtteranceListener,
): Promise<void> {
  const send = (type: string, fields: object = {}) => {
    socket.send(JSON.stringify({ type, context_id: contextId, ...fields }), () => undefined);
  };
  send('open', { voice, seed });
  const pieces = wordsPerSecond === undefined ? [text] : text.split(/(?<= )/);
  const startMs = performance.now();
  for (const [index, piece] of pieces.entries()) {
    if (wordsPerSecond !== undefined) {
      await sleep(startMs + (index / wordsPerSecond) * 1000 - performance.now());
    }
    listener.pushed();
    send('push', { text: piece });
  }
  send('finish');
}

async function readRefusal(response: IncomingMessage): Promise<SpeechError> {
  let body = '';
  for await (const part of response) {
    body += String(part);
  }
  const fallback = `The server answered the upgrade with ${String(response.statusCode)}.`;
  try {
    return readFailure((JSON.parse(body) as { error?: unknown }).error, fallback);
  } catch {
    return readFailure(undefined, fallback);
  }
}

function left(): SpeechError {
  return new SpeechError('CANCELLED', 'The client left.');
}

function strange(what: string): SpeechError {
  return new SpeechError('BENCH_FAILED', `The server sent ${what} where none was expected.`);
}
