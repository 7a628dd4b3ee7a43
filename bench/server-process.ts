import { Engine, type EngineOptions } from '../engine/client/engine.js';
import { resolveServerOptions, type ServerOptions } from '../src/server/options.js';
import { startServer } from '../src/server/server.js';

/** What the process answers. */
export type ServerReport =
  { type: 'listening'; url: string } | { type: 'memory'; residentBytes: number };

/** What it is told. */
export type ServerCommand = 'memory' | 'stop';

// a process of its own, so that its memory is the server's and nothing else's
const engine = await Engine.load(JSON.parse(process.argv[2] ?? '{}') as EngineOptions);
const options = JSON.parse(process.argv[3] ?? '{}') as Partial<ServerOptions>;
const server = await startServer(
  engine,
  resolveServerOptions({ port: 0, logLevel: 'silent', ...options }, {}),
);

process.on('message', (command: ServerCommand) => {
  if (command === 'memory') {
    report({ type: 'memory', residentBytes: process.memoryUsage.rss() });
  } else {
    void server.close().then(() => {
      process.disconnect();
    });
  }
});
report({ type: 'listening', url: server.url });

function report(message: ServerReport): void {
  process.send?.(message);
}
