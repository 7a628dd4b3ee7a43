import type { Request, RequestHandler, Response } from 'express';
import { SpeechError } from '../../base/errors.js';
import { toOpenAiError } from './openai-error.js';

/** How long a client that has its answer may go on sending. */
const LINGER_MS = 1_000;

/** How long the body of a request may take that is read whole before it is answered. */
const WHOLE_BODY_MS = 300_000;

/**
 * Tells a client that waits to be told (`Expect: 100-continue`) to send its body. One that is refused before never does.
 *
 * @param request - The request.
 * @param response - Its response.
 */
export function acceptBody({ headers }: Request, response: Response): void {
  if (headers.expect?.toLowerCase() === '100-continue') {
    response.writeContinue();
  }
}

/**
 * Accepts a body that is read whole, and bounds the time that it takes.
 *
 * @returns The middleware; it goes before what reads the body. A late body gets 408 `INPUT_TIMEOUT`.
 */
export function expectWholeBody(): RequestHandler {
  return (request, response, next) => {
    const timer = setTimeout(() => {
      if (!request.complete && !response.headersSent) {
        const message = `The body took longer than ${WHOLE_BODY_MS} ms.`;
        const error = new SpeechError('INPUT_TIMEOUT', message);
        response.once('finish', () => request.destroy());
        response.status(error.status).json(toOpenAiError(error));
      }
    }, WHOLE_BODY_MS).unref();
    request.once('close', () => {
      clearTimeout(timer);
    });
    acceptBody(request, response);
    next();
  };
}

/**
 * Passes over what is left of a body once its request is answered, for a moment: so that the client, which may still be
 * sending, reads the answer; then the connection is closed, as there may be no end to it.
 *
 * @returns The middleware.
 */
export function leaveUnreadBodies(): RequestHandler {
  return (request, response, next) => {
    response.once('finish', () => {
      if (!request.complete) {
        request.resume();
        const timer = setTimeout(() => request.destroy(), LINGER_MS).unref();
        request.once('close', () => {
          clearTimeout(timer);
        });
      }
    });
    next();
  };
}
