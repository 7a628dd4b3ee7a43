import type { RequestHandler } from 'express';
import type { ServerContext } from './context.js';

/**
 * `GET /healthz`: 200 as long as the server lives, also while it finishes its last requests: whoever
 * restarts what is not alive must not break them off.
 *
 * @param context - The server.
 * @returns The route's handler.
 */
export function showHealth({ admission, engine }: ServerContext): RequestHandler {
  return (_, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.json({
      status: admission.isClosed ? 'shutting down' : 'ok',
      device: engine.device,
      running: admission.running,
      waiting: admission.waiting,
      paused: admission.paused,
    });
  };
}

/**
 * `GET /readyz`: 200 while a new request would be taken, else 503 with the code it would be refused
 * with. The server listens once its engine is loaded, so that before there is no answer.
 *
 * @param context - The server.
 * @returns The route's handler.
 */
export function showReadiness({ admission }: ServerContext): RequestHandler {
  return (_, response) => {
    const { refusal } = admission;
    response.setHeader('Cache-Control', 'no-store');
    response.status(refusal?.status ?? 200).json({ status: refusal?.code ?? 'ok' });
  };
}

/**
 * `GET /metrics` in Prometheus' text format.
 *
 * @param context - The server.
 * @returns The route's handler.
 */
export function showMetrics({ metrics }: ServerContext): RequestHandler {
  return async (_, response) => {
    const text = await metrics.registry.metrics();
    response.setHeader('Content-Type', metrics.registry.contentType);
    response.send(text);
  };
}
