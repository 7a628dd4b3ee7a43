import { isErrorLike, SpeechError } from '../../base/errors.js';
import {
  readFailure,
  type BenchClient,
  type Target,
  type Utterance,
  type UtteranceListener,
} from './client.js';

/** A client that asks over HTTP and plays the answer as it streams in. All text goes at once. */
export class HttpClient implements BenchClient {
  readonly #target: Target;
  #leaving = new AbortController();
  #defaultVoice: string | undefined;

  /** @param target - The server. */
  constructor(target: Target) {
    this.#target = target;
  }

  /** As {@link BenchClient.speak} says. */
  async speak({ text, voice, seed }: Utterance, listener: UtteranceListener): Promise<void> {
    const { signal } = (this.#leaving = new AbortController());
    try {
      const chosen = voice ?? (this.#defaultVoice ??= await this.#findVoice(signal));
      listener.pushed();
      const body = await this.#fetch('/v1/audio/speech', {
        method: 'POST',
        body: JSON.stringify({ input: text, voice: chosen, seed, response_format: 'pcm' }),
        signal,
      });
      for await (const bytes of body) {
        listener.audio(bytes);
      }
    } catch (thrown) {
      if (signal.aborted) {
        throw new SpeechError('CANCELLED', 'The client left.');
      }
      if (thrown instanceof SpeechError) {
        throw thrown;
      }
      const cause = isErrorLike(thrown) && isErrorLike(thrown.cause) ? thrown.cause : thrown;
      const reason = isErrorLike(cause) ? cause.message : String(cause);
      throw new SpeechError('BENCH_FAILED', `${this.#target.url} cannot be reached: ${reason}.`);
    }
  }

  /** As {@link BenchClient.leave} says. */
  leave(): void {
    this.#leaving.abort();
  }

  /** The voice that live speech has by default; over HTTP one must be named. */
  async #findVoice(signal: AbortSignal): Promise<string> {
    const parts: Uint8Array[] = [];
    for await (const part of await this.#fetch('/v1/audio/voices', { signal })) {
      parts.push(part);
    }
    const { voices } = JSON.parse(Buffer.concat(parts).toString()) as { voices: { id: string }[] };
    return voices[0]!.id;
  }

  async #fetch(path: string, init: RequestInit): Promise<AsyncIterable<Uint8Array>> {
    const { url, apiKey } = this.#target;
    const response = await fetch(new URL(path, url), {
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      ...init,
    });
    if (!response.ok || response.body === null) {
      const body = (await response.json().catch(() => ({}))) as { error?: unknown };
      throw readFailure(body.error, `The server answered with ${response.status}.`);
    }
    return response.body as AsyncIterable<Uint8Array>;
  }
}
