import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { pino, type Logger } from 'pino';
import type { ServerContext } from './context.js';
import type { ServerOptions } from './options.js';

const REQUEST_ID = /^[\w.:-]{1,100}$/;

/**
 * Makes the server's logger: JSON lines on standard output.
 *
 * @param level - pino's level.
 * @returns The logger. By rule its messages are constants and its fields numbers and names; text to
 * speak, audio and keys never go in.
 */
export function createLogger(level: ServerOptions['logLevel']): Logger {
  return pino({ name: 'linnet', level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/**
 * Gives every request an id (its own `X-Request-Id` if that is harmless), which its response
 * carries, and logs and counts it when it is over. Addresses are logged as route patterns only.
 *
 * @param context - Where to log and count.
 * @returns The middleware.
 */
export function logRequests({ logger, metrics }: ServerContext): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const given = request.get('x-request-id');
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
    response.locals['requestId'] = requestId;
    response.setHeader('X-Request-Id', requestId);
    const startMs = performance.now();
    response.once('close', () => {
      const { method } = request;
      const route = routeOf(request);
      const status = response.writableFinished ? response.statusCode : CLIENT_LEFT;
      metrics.requests.inc({ route, method, status });
      logger.info(
        {
          requestId,
          method,
          route,
          status,
          durationMs: Math.round(performance.now() - startMs),
          ...(response.locals['facts'] as Record<string, string | number> | undefined),
        },
        'request',
      );
    });
    next();
  };
}

/** nginx's status for a client that closed the connection before the response was complete. */
const CLIENT_LEFT = 499;

function routeOf(request: Request): string {
  const route = request.route as { path: string } | undefined;
  return route?.path ?? 'none';
}
