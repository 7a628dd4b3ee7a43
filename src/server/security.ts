import type { IncomingHttpHeaders } from 'node:http';
import cors from 'cors';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { Caller, Callers } from './callers.js';
import { addFacts } from './request-log.js';

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
 * Finds out who asks, which the log then says; {@link callerOf} tells it to the routes.
 *
 * @param callers - Who may ask.
 * @returns The middleware; it fails with `API_KEY_INVALID`.
 */
export function requireApiKey(callers: Callers): RequestHandler {
  return (request, response, next) => {
    try {
      const caller = callers.findCaller(request.headers, request.url);
      response.locals['caller'] = caller;
      addFacts(response, { caller: caller.name });
    } catch (error) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      throw error;
    }
    next();
  };
}

/**
 * Who asked for a response.
 *
 * @param response - Of a route behind {@link requireApiKey}.
 * @returns The caller.
 */
export function callerOf(response: Response): Caller {
  return response.locals['caller'] as Caller;
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
