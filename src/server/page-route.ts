import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { findPackageRoot } from '../../base/package-root.js';

/**
 * `GET /`: the page on which one types and hears. It is one file and loads nothing else; its
 * content policy lets exactly its own script and style run.
 *
 * @returns The route's handlers.
 */
export function showPage(): RequestHandler[] {
  const html = readFileSync(join(findPackageRoot(), 'src', 'server', 'page.html'), 'utf8');
  const setPolicy = helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: [hashOf(html, 'script')],
      styleSrc: [hashOf(html, 'style')],
      connectSrc: ["'self'"],
      mediaSrc: ['blob:'],
      imgSrc: ['data:'],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });
  const send: RequestHandler = (_, response) => {
    response.setHeader('Cache-Control', 'no-cache');
    response.type('html').send(html);
  };
  return [setPolicy, send];
}

function hashOf(html: string, tag: string): string {
  const start = html.indexOf(`<${tag}>`) + tag.length + 2;
  const content = html.slice(start, html.indexOf(`</${tag}>`));
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
