import type { RequestHandler } from 'express';
import type { ServerContext } from './context.js';

/**
 * `GET /healthz`: 200 while the server takes requests, 503 once it is shutting down.
 *
 * @param context - The server.
 * @returns The route's handler.
 */
export function showHealth({ admission, engine }: ServerContext): RequestHandler {
  return (_, response) => {
    const isUp = !admission.isClosed;
    response.setHeader('Cache-Control', 'no-store');
    response.status(isUp ? 200 : 503).json({
      status: isUp ? 'ok' : 'shutting down',
      device: engine.device,
      running: admission.running,
      waiting: admission.waiting,
      paused: admission.paused,
    });
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
