import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { SpeechError } from '../../base/errors.js';
import { findPackageRoot } from '../../base/package-root.js';

const INDEX = 'index.html';

/**
 * `GET /` and `GET /page/:file`: the page on which one types and hears, and its scripts and style. Its
 * content policy lets it load nothing else, and speak to this server alone.
 *
 * @returns The handlers of the page and of its files; the latter fail with `ROUTE_NOT_FOUND`.
 */
export function createPageRoutes(): { showPage: RequestHandler[]; sendPageFile: RequestHandler } {
  // read once: an update of the package must not mix two versions
  const files = readPageFiles();
  const setPolicy = helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ['data:'],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });
  const send = (name: string): RequestHandler => {
    return (_, response) => {
      response.setHeader('Cache-Control', 'no-cache');
      response.type(extname(name)).send(files.get(name));
    };
  };
  return {
    showPage: [setPolicy, send(INDEX)],
    sendPageFile: (request, response, next) => {
      const name = String(request.params['file']);
      if (name === INDEX || !files.has(name)) {
        throw new SpeechError('ROUTE_NOT_FOUND', 'The page has no such file.');
      }
      send(name)(request, response, next);
    },
  };
}

function readPageFiles(): ReadonlyMap<string, string> {
  const folder = join(findPackageRoot(), 'src', 'server', 'page');
  return new Map(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}
