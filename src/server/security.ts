import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import cors from 'cors';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { SpeechError } from '../../base/errors.js';

/** How long browsers may keep the answer to a preflight request. */
const PREFLIGHT_SECONDS = 600;

/**
 * Sets the headers that keep browsers from guessing types, framing pages or sending referrers. The
 * page sets a content policy of its own.
 *
 * @param corsOrigins - As `allowOrigins` takes them; with any, other pages may also embed answers.
 * @returns The middleware.
 */
export function setSecurityHeaders(corsOrigins: readonly string[]): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    crossOriginResourcePolicy: {
      policy: corsOrigins.length === 0 ? 'same-origin' : 'cross-origin',
    },
    xFrameOptions: { action: 'deny' },
    // the server speaks plain HTTP; whoever puts TLS before it decides this
    strictTransportSecurity: false,
  });
}

/**
 * Lets pages of other origins call the server, and answers their preflight requests.
 *
 * @param origins - Allowed origins such as `https://example.org`, or `*`.
 * @returns The middleware. With no origins there is none, and browsers keep other pages out.
 */
export function allowOrigins(origins: readonly string[]): RequestHandler[] {
  if (origins.length === 0) {
    return [];
  }
  return [
    cors({
      origin: origins.includes('*') ? '*' : [...origins],
      methods: ['GET', 'POST'],
      exposedHeaders: ['X-Request-Id', 'X-Linnet-Warning', 'Retry-After'],
      maxAge: PREFLIGHT_SECONDS,
    }),
  ];
}

/**
 * Asks for an API key, as `Authorization: Bearer KEY`.
 *
 * @param apiKey - The key; without one everybody may come in.
 * @param header - Another header that may carry the bare key.
 * @returns The middleware; it fails with `API_KEY_INVALID`.
 */
export function requireApiKey(apiKey: string | undefined, header?: string): RequestHandler {
  return (request, response, next) => {
    if (apiKey === undefined) {
      next();
      return;
    }
    const [scheme = '', bearer = ''] = (request.get('authorization') ?? '').split(' ', 2);
    const bare = header === undefined ? undefined : request.get(header);
    const given = bare ?? (scheme.toLowerCase() === 'bearer' ? bearer : '');
    if (!isSameKey(given, apiKey)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      throw new SpeechError(
        'API_KEY_INVALID',
        header === undefined
          ? 'The API key is missing or wrong; send it as "Authorization: Bearer KEY".'
          : `The API key is missing or wrong; send it as "${header}: KEY".`,
      );
    }
    next();
  };
}

/**
 * Tells whether a WebSocket upgrade carries the API key: as `Authorization: Bearer KEY` or `Token KEY`,
 * as `xi-api-key`, or where browsers let nothing else be sent, as the second of the subprotocols
 * `token, KEY` or as `?api_key=KEY`.
 *
 * @param headers - Of the upgrade.
 * @param url - Its address.
 * @param apiKey - The key; without one everybody may come in.
 * @returns True if it may come in.
 */
export function isKeyOfUpgrade(
  headers: IncomingHttpHeaders,
  url: URL,
  apiKey: string | undefined,
): boolean {
  if (apiKey === undefined) {
    return true;
  }
  const [scheme = '', credentials = ''] = (headers.authorization ?? '').split(' ', 2);
  const [protocol, offered] = (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((part) => part.trim());
  const given = [
    /^(bearer|token)$/i.test(scheme) ? credentials : undefined,
    headers['xi-api-key'],
    /^(bearer|token)$/i.test(protocol ?? '') ? offered : undefined,
    url.searchParams.get('api_key'),
  ];
  return given.some((key) => typeof key === 'string' && isSameKey(key, apiKey));
}

/**
 * Tells whether a WebSocket may be opened: browsers let any page try, and leave it to the server.
 *
 * @param headers - Of the upgrade.
 * @param corsOrigins - As `allowOrigins` takes them.
 * @returns True for a page of the server's own or of an allowed origin, and for what is no page.
 */
export function isAllowedOrigin(
  { origin, host }: IncomingHttpHeaders,
  corsOrigins: readonly string[],
): boolean {
  if (origin === undefined || corsOrigins.includes('*') || corsOrigins.includes(origin)) {
    return true;
  }
  return URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Compares two keys in a time that tells nothing of either.
 *
 * @param given - What a client sent.
 * @param expected - The right key.
 * @returns True if they are the same.
 */
export function isSameKey(given: string, expected: string): boolean {
  // hashed first, since timingSafeEqual wants equal lengths
  const [left, right] = [given, expected].map((key) => createHash('sha256').update(key).digest());
  return timingSafeEqual(left!, right!);
}
