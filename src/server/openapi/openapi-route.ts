import type { RequestHandler } from 'express';
import { readPackageVersion } from '../../../base/package-root.js';
import { createOpenApi } from './document.js';

/**
 * `GET /openapi.json`.
 *
 * @returns The route's handler.
 */
export function showOpenApi(): RequestHandler {
  const document = createOpenApi(readPackageVersion());
  return (_, response) => {
    response.json(document);
  };
}
