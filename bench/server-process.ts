import { Engine, type EngineOptions } from '../engine/client/engine.js';
import { resolveServerOptions, type ServerOptions } from '../src/server/options.js';
import { startServer } from '../src/server/server.js';

/** What the process answers. */
export type ServerReport =
  | { type: 'listening'; url: string }
  | { type: 'memory'; residentBytes: number }
  | { type: 'codecs' };

/** What it is told. */
export type ServerCommand = 'memory' | 'codecs' | 'stop';

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
  } else if (command === 'codecs') {
    void useCodecs().then(() => {
      report({ type: 'codecs' });
    });
  } else {
    void server.close().then(() => {
      process.disconnect();
    });
  }
});
report({ type: 'listening', url: server.url });

/** Opens both codecs and leaves them open. */
async function useCodecs(): Promise<void> {
  for (const kind of ['rvq', 'single'] as const) {
    const codec = await engine.loadCodec(kind);
    await codec.decode(await codec.encode(new Float32Array(10 * codec.sampleRate)));
  }
}

function report(message: ServerReport): void {
  process.send?.(message);
}
