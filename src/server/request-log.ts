import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { pino, type Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import type { ServerContext } from './context.js';
import type { ServerOptions } from './options.js';

const REQUEST_ID = /^[\w.:-]{1,100}$/;

/** nginx's status for a client that closed the connection before the response was complete. */
const CLIENT_LEFT = 499;

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
 * carries, and logs it when it is over. Addresses are logged as route patterns only.
 *
 * @param context - Where to log.
 * @returns The middleware.
 */
export function logRequests({ logger }: ServerContext): RequestHandler {
  const describe = (
    request: Request,
    response: Response,
    { durationMs }: { durationMs: number },
  ) => ({
    ...outcomeOf(request, response),
    durationMs,
    ...(response.locals['facts'] as Facts | undefined),
  });
  return pinoHttp<Request, Response>({
    logger,
    genReqId: (request, response) => {
      const id = requestIdOf(request.headers['x-request-id']);
      response.setHeader('X-Request-Id', id);
      return id;
    },
    customAttributeKeys: { reqId: 'requestId', responseTime: 'durationMs' },
    // by default addresses, headers and messages of errors are logged, which may hold texts and keys
    quietReqLogger: true,
    quietResLogger: true,
    serializers: { req: nothing, res: nothing, err: nothing },
    wrapSerializers: false,
    customSuccessObject: describe,
    customErrorObject: (request, response, _, times: { durationMs: number }) =>
      describe(request, response, times),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
  });
}

/**
 * Chooses a request's id.
 *
 * @param given - Its `X-Request-Id`, if it has one.
 * @returns That, if it is harmless, else a new one.
 */
export function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * Counts every request when it is over.
 *
 * @param context - Where to count.
 * @returns The middleware.
 */
export function countRequests({ metrics }: ServerContext): RequestHandler {
  return (request, response, next) => {
    response.once('close', () => {
      metrics.requests.inc(outcomeOf(request, response));
    });
    next();
  };
}

type Facts = Record<string, string | number>;

/**
 * Adds to what the log will say of a request.
 *
 * @param response - The request's response.
 * @param facts - Numbers and names; never text to speak, audio or keys.
 */
export function addFacts(response: Response, facts: Facts): void {
  response.locals['facts'] = { ...(response.locals['facts'] as Facts | undefined), ...facts };
}

function outcomeOf(
  request: Request,
  response: Response,
): { route: string; method: string; status: number } {
  const route = request.route as { path: string | string[] } | undefined;
  const path = Array.isArray(route?.path) ? route.path[0] : route?.path;
  const brokenWith = response.locals['brokenWith'] as number | undefined;
  const status = response.writableFinished ? response.statusCode : (brokenWith ?? CLIENT_LEFT);
  return { route: path ?? 'none', method: request.method, status };
}

function nothing(): undefined {
  return undefined;
}
