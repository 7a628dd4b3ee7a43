import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { findPackageRoot } from '../../base/package-root.js';

/**
 * `GET /`: the page on which one types and hears. It is one file and loads nothing else; its
 * content policy lets exactly its own script and style run.
 *
 * @returns The route's handler.
 */
export function showPage(): RequestHandler {
  const html = readFileSync(join(findPackageRoot(), 'src', 'server', 'page.html'), 'utf8');
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(html, 'script')}`,
    `style-src ${hashOf(html, 'style')}`,
    "connect-src 'self'",
    'media-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return (_, response) => {
    response.setHeader('Content-Security-Policy', policy);
    response.setHeader('Cache-Control', 'no-cache');
    response.type('html').send(html);
  };
}

function hashOf(html: string, tag: string): string {
  const start = html.indexOf(`<${tag}>`) + tag.length + 2;
  const content = html.slice(start, html.indexOf(`</${tag}>`));
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
