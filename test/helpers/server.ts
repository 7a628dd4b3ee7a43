import OpenAI from 'openai';
import { Engine } from '../../engine/client/engine.js';
import type { CommandEngine } from '../../src/cli/load-engine.js';
import { resolveServerOptions, type ServerOptions } from '../../src/server/options.js';
import { startServer, type RunningServer } from '../../src/server/server.js';

/** A server under test, with the client it is meant for. */
export type TestServer = RunningServer & {
  client: OpenAI;
  /** Posts a body as it is to the speech endpoint. */
  post: (body: string | object, init?: RequestInit) => Promise<Response>;
};

/**
 * Starts a server on a free port.
 *
 * @param engine - What speaks.
 * @param options - What differs from the defaults; the environment is not looked at.
 * @returns The server; close it in the end.
 */
export async function startTestServer(
  engine: CommandEngine,
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const resolved = resolveServerOptions({ port: 0, logLevel: 'silent', ...options }, {});
  const server = await startServer(engine, resolved);
  const apiKey = options.apiKey ?? 'any';
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 0 });
  const post = (body: string | object, init: RequestInit = {}) =>
    fetch(`${server.url}/v1/audio/speech`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
  return { ...server, client, post };
}

/**
 * Starts a server that speaks with the real models.
 *
 * @param options - As {@link startTestServer} takes them.
 * @returns The server, and its engine, which it closes.
 */
export async function startRealServer(
  options: Partial<ServerOptions> = {},
): Promise<TestServer & { engine: Engine }> {
  const engine = await Engine.load({ device: 'cpu', threads: 2 });
  return { ...(await startTestServer(engine, options)), engine };
}
