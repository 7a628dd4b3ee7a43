import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { EncoderPool } from '../../../src/audio/encoder-pool.js';
import { Admission } from '../../../src/server/admission.js';
import { createApp } from '../../../src/server/app.js';
import { Callers } from '../../../src/server/callers.js';
import { DictionaryFiles } from '../../../src/server/dictionary-files.js';
import { createMetrics } from '../../../src/server/metrics.js';
import { resolveServerOptions } from '../../../src/server/options.js';
import { createLogger } from '../../../src/server/request-log.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { waitUntil } from '../../helpers/processes.js';
import { startTestServer } from '../../helpers/server.js';

const SPEECH = { model: 'tts-1', voice: 'low', response_format: 'pcm' };

describe('what a request leaves behind', () => {
  it('is no listener at the signal that outlives it, however it ends', async () => {
    const options = resolveServerOptions({ logLevel: 'silent' }, {});
    const admission = new Admission(options);
    const logger = createLogger('silent');
    const engine = new ToneEngine();
    const context = {
      engine,
      options,
      callers: new Callers(options),
      admission,
      logger,
      metrics: createMetrics(admission, engine),
      dictionaries: await DictionaryFiles.load([], logger),
      encoders: new EncoderPool(),
    };
    const { signal } = new AbortController();
    const server = createServer(createApp(context, signal));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const post = async (input: string, init: RequestInit = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}/v1/audio/speech`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...SPEECH, input }),
        ...init,
      });
      return response.arrayBuffer();
    };
    const numListeners = () => getEventListeners(signal, 'abort').length;
    await post('ab');
    await post('!');
    const leaving = new AbortController();
    const left = post('~', { signal: leaving.signal });
    await waitUntil(() => numListeners() === 1 && engine.numActive === 1);
    leaving.abort();
    await expect(left).rejects.toThrow();
    await waitUntil(() => engine.numActive === 0);
    await waitUntil(() => numListeners() === 0);
    context.encoders.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is no listener at the signal of its turn', async () => {
    const admission = new Admission({ maxRunning: 1, maxWaiting: 1, maxPaused: 1 });
    const { signal } = new AbortController();
    const turn = await admission.enter(signal);
    turn.end();
    await admission.idle();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('is counted: failures by their code, and clients that left', async () => {
    const engine = new ToneEngine();
    const server = await startTestServer(engine, { maxRunning: 1 });
    try {
      await (await server.post({ ...SPEECH, input: '' })).text();
      const leaving = new AbortController();
      const left = server.post({ ...SPEECH, input: '~' }, { signal: leaving.signal });
      await waitUntil(() => engine.numActive === 1);
      const waiting = ['a', 'b'].map((input) => server.post({ ...SPEECH, input }));
      const read = async () => (await fetch(`${server.url}/metrics`)).text();
      let metrics = await read();
      for (let turn = 0; turn < 100 && !/^linnet_speech_waiting 2$/m.test(metrics); turn++) {
        metrics = await read();
      }
      expect(metrics).toMatch(/^linnet_speech_waiting 2$/m);
      expect(metrics).toMatch(/^linnet_speech_running 1$/m);
      await (await server.post({ ...SPEECH, input: '' })).text();
      leaving.abort();
      await expect(left).rejects.toThrow();
      for (const response of await Promise.all(waiting)) {
        await response.arrayBuffer();
      }
      await (await server.post({ ...SPEECH, input: 'ab', stream: false })).arrayBuffer();
      metrics = await read();
      expect(metrics).toMatch(/^linnet_failures_total\{code="TEXT_EMPTY"\} 2$/m);
      expect(metrics).toMatch(/^linnet_speech_waiting 0$/m);
      expect(metrics).toMatch(/route="\/v1\/audio\/speech",method="POST",status="499"\} 1$/m);
    } finally {
      await server.close();
    }
  });
});

describe('a server that shuts down', () => {
  it('says so to those who ask for its health, and leaves no timer', async () => {
    const count = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const engine = new ToneEngine(50);
    const before = count();
    const server = await startTestServer(engine);
    const running = server.post({ ...SPEECH, input: 'a'.repeat(10) });
    await waitUntil(() => engine.numActive === 1);
    // half a request is there when the server is closed
    const asked = connect(server.port, '127.0.0.1').setEncoding('utf8');
    let answer = '';
    asked.on('data', (text: string) => {
      answer += text;
    });
    const head = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
    await new Promise((resolve) => asked.write(head, resolve));
    await fetch(`${server.url}/healthz`);
    const closing = server.close();
    asked.end('\r\n');
    await once(asked, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    await (await running).arrayBuffer();
    await closing;
    expect(count()).toBeLessThanOrEqual(before);
  });
});
