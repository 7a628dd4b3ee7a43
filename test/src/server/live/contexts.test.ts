import { ToneEngine } from '../../../helpers/fake-engine.js';
import { openLive, refusedLive } from '../../../helpers/live-client.js';
import { startTestServer } from '../../../helpers/server.js';

const PATH = '/v1/audio/speech/live';

describe('live contexts', () => {
  it('are limited in number over all sockets', async () => {
    const server = await startTestServer(new ToneEngine(), { maxContexts: 2 });
    try {
      const idle = await openLive(server.url, PATH);
      const busy = await openLive(server.url, PATH);
      for (const id of ['a', 'b', 'c']) {
        busy.send({ type: 'open', context_id: id });
      }
      expect(await busy.wait('error')).toMatchObject({
        code: 'CONTEXTS_FULL',
        context_id: 'c',
        retryable: true,
      });
      expect(await refusedLive(server.url, PATH)).toMatchObject({
        status: 503,
        code: 'CONTEXTS_FULL',
      });
      // whoever has others keeps them; whoever has none may try again later
      idle.send({ type: 'push', text: 'a' });
      expect(await idle.wait('error')).toMatchObject({ code: 'CONTEXTS_FULL' });
      expect(await idle.closed).toBe(1013);
      busy.send({ type: 'cancel', context_id: 'a' });
      await busy.wait('cancelled');
      const late = await openLive(server.url, PATH);
      late.send({ type: 'push', text: 'a' });
      late.send({ type: 'finish' });
      await late.wait('done');
      busy.socket.terminate();
      late.socket.terminate();
    } finally {
      await server.close();
    }
  });

  it('end with an error of their own, which says nothing of the text', async () => {
    const server = await startTestServer(new ToneEngine(), { maxInput: 10 });
    try {
      const client = await openLive(server.url, PATH);
      client.send({ type: 'push', context_id: 'broken', text: 'secret!' });
      expect(await client.wait('error')).toMatchObject({ code: 'INTERNAL', context_id: 'broken' });
      client.send({ type: 'push', context_id: 'long', text: 'a'.repeat(11) });
      expect(await client.wait('error', 2)).toMatchObject({
        code: 'TEXT_TOO_LONG',
        context_id: 'long',
      });
      client.send({ type: 'open', context_id: 'slow' });
      for (let turn = 0; turn < 17; turn++) {
        client.send({ type: 'push', context_id: 'slow', text: '~'.repeat(10) });
      }
      expect(await client.wait('error', 3)).toMatchObject({
        code: 'TEXT_TOO_LONG',
        context_id: 'slow',
      });
      expect(JSON.stringify(client.all('error'))).not.toContain('secret');
      client.send({ type: 'push', context_id: 'fine', text: 'a' });
      client.send({ type: 'finish', context_id: 'fine' });
      expect(await client.wait('done')).toMatchObject({ context_id: 'fine', seconds: 0.2 });
      client.socket.terminate();
    } finally {
      await server.close();
    }
  });
});
