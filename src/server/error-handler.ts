import type { ErrorRequestHandler, NextFunction, Request, Response } from 'express';
import { isErrorLike, SpeechError, toSpeechError } from '../../base/errors.js';
import type { ServerContext } from './context.js';
import { countFailure } from './metrics.js';
import { toOpenAiError } from './openai-error.js';
import { addFacts } from './request-log.js';

/** When a client that was refused may try again, unless the error says more. */
const RETRY_AFTER_SECONDS = 2;

/**
 * When a client that was refused may try again.
 *
 * @param error - Why it was refused.
 * @returns The value of `Retry-After`, for 429 and 503 whose end can be waited for.
 */
export function retryAfterOf({ status, retryable, details }: SpeechError): string | undefined {
  return retryable && (status === 503 || status === 429)
    ? String(details['retryAfterSeconds'] ?? RETRY_AFTER_SECONDS)
    : undefined;
}

/**
 * Turns whatever a route throws into a response. If audio has already gone out,
 * all that is left is to break the connection, so that the client does not take the part for the
 * whole.
 *
 * @param context - Where to count; the log is the request's own.
 * @param toBody - The shape of the response, from the error and the request's id; OpenAI's by default.
 * @returns The error middleware; it goes behind the routes.
 */
export function handleErrors(
  { metrics }: ServerContext,
  toBody: (error: SpeechError, requestId: string) => object = toOpenAiError,
): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express counts the parameters
  return (thrown: unknown, request: Request, response: Response, next: NextFunction) => {
    const error = fromExpress(thrown) ?? toSpeechError(thrown);
    countFailure(metrics, error.code);
    addFacts(response, { code: error.code });
    if (error.status >= 500) {
      request.log.error({ code: error.code, ...traceOf(error) }, 'request failed');
    }
    if (response.headersSent || response.destroyed) {
      // the log and the numbers tell our failures from clients that left
      response.locals['brokenWith'] = error.status;
      response.destroy();
      return;
    }
    const retryAfter = retryAfterOf(error);
    if (retryAfter !== undefined) {
      response.setHeader('Retry-After', retryAfter);
    }
    // what a route had prepared for audio must not describe an error
    response.removeHeader('Content-Disposition');
    response.status(error.status).json(toBody(error, response.get('X-Request-Id') ?? ''));
  };
}

/**
 * The router and `express.json()` fail with errors of their own; the latter's messages quote the
 * body and are not kept.
 */
function fromExpress(thrown: unknown): SpeechError | undefined {
  if (isErrorLike(thrown) && thrown.name === 'URIError') {
    return new SpeechError('ROUTE_NOT_FOUND', 'The address is not validly encoded.');
  }
  if (!isErrorLike(thrown) || !('type' in thrown) || !('status' in thrown)) {
    return undefined;
  }
  const { type, status } = thrown as { type: unknown; status: unknown };
  if (type === 'entity.too.large') {
    const limit = (thrown as { limit?: number }).limit ?? 0;
    return new SpeechError('BODY_TOO_LARGE', `The request body is larger than ${limit} bytes.`, {
      limit,
    });
  }
  if (type === 'entity.parse.failed') {
    return new SpeechError('BODY_INVALID', 'The request body is not JSON.');
  }
  if (type === 'request.aborted') {
    return new SpeechError('CANCELLED', 'The client left before it had sent its request.');
  }
  if (typeof status === 'number' && status < 500) {
    return new SpeechError('BODY_INVALID', 'The request body cannot be read.', {
      reason: String(type),
    });
  }
  return undefined;
}

/** The stack without its first line: an unexpected error's message may hold text to speak. */
function traceOf(error: SpeechError): { name?: string; trace?: string } {
  const { cause } = error;
  if (!isErrorLike(cause)) {
    return {};
  }
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { name: cause.name, trace: frames.join('\n') };
}
