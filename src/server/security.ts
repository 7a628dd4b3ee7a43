import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { SpeechError } from '../../base/errors.js';

/**
 * Sets the headers that keep browsers from guessing types, framing pages or sending referrers. The
 * page sets a content policy of its own.
 *
 * @returns The middleware.
 */
export function setSecurityHeaders(): RequestHandler {
  return (_, response, next) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    next();
  };
}

/**
 * Lets pages of other origins call the server, and answers their preflight requests.
 *
 * @param origins - Allowed origins such as `https://example.org`, or `*`. With none, browsers keep
 * other pages out.
 * @returns The middleware.
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const allowsAll = origins.includes('*');
  return (request, response, next) => {
    const origin = request.get('origin');
    if (origin === undefined || !(allowsAll || origins.includes(origin))) {
      next();
      return;
    }
    response.setHeader('Access-Control-Allow-Origin', allowsAll ? '*' : origin);
    response.setHeader(
      'Access-Control-Expose-Headers',
      'X-Request-Id, X-Linnet-Warning, Retry-After',
    );
    response.vary('Origin');
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
      // browsers do not let * stand for Authorization, so what was asked for is named
      const asked = request.get('access-control-request-headers') ?? 'Authorization, Content-Type';
      response.setHeader('Access-Control-Allow-Headers', asked);
      response.setHeader('Access-Control-Max-Age', '600');
      response.sendStatus(204);
      return;
    }
    next();
  };
}

/**
 * Asks for an API key, as `Authorization: Bearer KEY`.
 *
 * @param apiKey - The key; without one everybody may come in.
 * @returns The middleware; it fails with `API_KEY_INVALID`.
 */
export function requireApiKey(apiKey: string | undefined): RequestHandler {
  return (request, response, next) => {
    if (apiKey === undefined) {
      next();
      return;
    }
    const [scheme = '', given = ''] = (request.get('authorization') ?? '').split(' ', 2);
    if (scheme.toLowerCase() !== 'bearer' || !isSame(given, apiKey)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      throw new SpeechError(
        'API_KEY_INVALID',
        'The API key is missing or wrong; send it as "Authorization: Bearer KEY".',
      );
    }
    next();
  };
}

function isSame(given: string, expected: string): boolean {
  // hashed first, since timingSafeEqual wants equal lengths
  const [left, right] = [given, expected].map((key) => createHash('sha256').update(key).digest());
  return timingSafeEqual(left!, right!);
}
