import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { SpeechError } from '../../base/errors.js';
import type { ServerOptions } from './options.js';

/** Who asks: limits, logs and metrics go by it. */
export type Caller = {
  /** The name of the key, never the key. */
  name: string;
};

/** Who asks where no key is set. */
const ANONYMOUS: Caller = { name: 'anonymous' };

/** The name of the one key of `apiKey`. */
const DEFAULT_NAME = 'default';

const SCHEMES = ['bearer', 'token'];

/** Knows the callers by their keys. */
export class Callers {
  readonly #keys: readonly { caller: Caller; digest: Buffer }[];

  /** @param options - The keys; without any, everybody is the caller `anonymous`. */
  constructor({ apiKey, apiKeys }: Pick<ServerOptions, 'apiKey' | 'apiKeys'>) {
    const keys = apiKey === undefined ? apiKeys : [...apiKeys, { name: DEFAULT_NAME, key: apiKey }];
    this.#keys = keys.map(({ name, key }) => ({ caller: { name }, digest: digestOf(key) }));
  }

  /**
   * Finds out who asks, for requests and for WebSocket upgrades alike: by `Authorization: Bearer KEY`
   * (or `Token KEY`) or `xi-api-key`. Pages cannot set headers of a WebSocket, so that an upgrade may
   * also name the key among its subprotocols (`token, KEY`) or as `?api_key=KEY`; other requests may
   * not, since addresses end up in the logs of proxies.
   *
   * @param headers - Of the request.
   * @param url - Its path and query.
   * @returns The caller.
   * @throws {SpeechError} `API_KEY_INVALID`.
   */
  findCaller(headers: IncomingHttpHeaders, url = ''): Caller {
    if (this.#keys.length === 0) {
      return ANONYMOUS;
    }
    return this.findKey(keysIn(headers, url));
  }

  /**
   * Finds out whose key it is.
   *
   * @param given - The key, or several of which one is enough.
   * @returns The caller.
   * @throws {SpeechError} `API_KEY_INVALID`.
   */
  findKey(given: readonly string[]): Caller {
    let found: Caller | undefined;
    for (const key of given.map(digestOf)) {
      // all of them are compared, so that the time says nothing; by digest, as they differ in length
      for (const { caller, digest } of this.#keys) {
        if (timingSafeEqual(key, digest)) {
          found = caller;
        }
      }
    }
    if (found === undefined) {
      throw new SpeechError(
        'API_KEY_INVALID',
        'The API key is missing or wrong; send it as "Authorization: Bearer KEY" or "xi-api-key: KEY".',
      );
    }
    return found;
  }
}

function keysIn(headers: IncomingHttpHeaders, url: string): string[] {
  const [scheme = '', token = ''] = (headers.authorization ?? '').split(' ', 2);
  const keys = [
    SCHEMES.includes(scheme.toLowerCase()) ? token : '',
    [headers['xi-api-key'] ?? ''].flat()[0] ?? '',
  ];
  if (headers.upgrade?.toLowerCase() === 'websocket') {
    const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
    const index = protocols.findIndex((protocol) => SCHEMES.includes(protocol.toLowerCase()));
    const query = new URLSearchParams(url.split('?', 2)[1]);
    keys.push(index === -1 ? '' : (protocols[index + 1] ?? ''), query.get('api_key') ?? '');
  }
  return keys.filter((key) => key !== '');
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
