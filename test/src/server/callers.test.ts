import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Callers } from '../../../src/server/callers.js';
import { errorWithCode } from '../../helpers/errors.js';

const callers = new Callers({
  apiKey: 'one',
  apiKeys: [
    { name: 'alice', key: 'two' },
    { name: 'bob', key: 'three' },
    { name: 'alice', key: 'four' },
  ],
});
const invalid = errorWithCode('API_KEY_INVALID');
const socket = { upgrade: 'WebSocket' };

describe('Callers', () => {
  it.each([
    [{ authorization: 'Bearer one' }, 'default'],
    [{ authorization: 'bearer two' }, 'alice'],
    [{ authorization: 'Token three' }, 'bob'],
    [{ 'xi-api-key': 'four' }, 'alice'],
    // a proxy's own login does not hide it
    [{ authorization: 'Basic b25l', 'xi-api-key': 'two' }, 'alice'],
    [{ ...socket, authorization: 'Token one' }, 'default'],
    [{ ...socket, 'sec-websocket-protocol': 'token, two' }, 'alice'],
    [{ ...socket, 'sec-websocket-protocol': 'linnet,Bearer,three' }, 'bob'],
  ])('knows %j', (headers, name) => {
    expect(callers.findCaller(headers)).toEqual({ name });
  });

  it('reads the address of a WebSocket, and of nothing else', () => {
    const url = '/v1/speak?model=a&api_key=t%77o';
    expect(callers.findCaller(socket, url)).toEqual({ name: 'alice' });
    expect(() => callers.findCaller({}, url)).toThrow(invalid);
    const headers = { 'sec-websocket-protocol': 'token, two' };
    expect(() => callers.findCaller(headers, url)).toThrow(invalid);
  });

  it.each([
    {},
    { authorization: '' },
    { authorization: 'one' },
    { authorization: 'Bearer' },
    { authorization: 'Basic one' },
    { authorization: 'Bearer oneone' },
    { authorization: 'Bearer default' },
    { 'xi-api-key': '' },
    { ...socket, 'sec-websocket-protocol': 'token' },
    { ...socket, 'sec-websocket-protocol': 'two' },
  ])('refuses %j', (headers) => {
    expect(() => callers.findCaller(headers)).toThrow(invalid);
    expect(() => callers.findCaller(headers, '/?api_key=')).toThrow(invalid);
  });

  it('asks nobody without keys', () => {
    const open = new Callers({ apiKeys: [] });
    expect(open.findCaller({ authorization: 'Bearer x' })).toEqual({ name: 'anonymous' });
  });

  it("reads an upgrade as Node's server hands it over", async () => {
    const server = createServer();
    const names: string[] = [];
    server.on('upgrade', ({ headers, url }: IncomingMessage, connection) => {
      names.push(callers.findCaller(headers, url).name);
      connection.end(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
    for (const [path, more] of [
      ['/?api_key=one', {}],
      ['/', { 'Sec-WebSocket-Protocol': 'token, three' }],
    ] as const) {
      const asked = request({ port, path, headers: { ...headers, ...more } }).end();
      const [, connection] = (await once(asked, 'upgrade')) as [IncomingMessage, Socket];
      connection.destroy();
    }
    expect(names).toEqual(['default', 'bob']);
    await new Promise((resolve) => server.close(resolve));
  });
});
