import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchDecoder } from '../../browser/index.js';
import type { ExportedDecoder } from '../../codecs/exported-decoder.js';

const DESCRIPTION: ExportedDecoder = {
  version: 1,
  name: 'small',
  kind: 'rvq',
  weightsHash: 'ab'.repeat(32),
  weights: 'int8',
  sampleRate: 24_000,
  frameSize: 480,
  numCodebooks: 2,
  cardinality: 16,
  overlap: 0,
  states: [{ input: 'a', output: 'b', shape: [1, 2] }],
};

describe('fetchDecoder', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function serve(answer: RequestListener): Promise<string> {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const serveDescription = (text: string) =>
    serve((request, response) => {
      response.end(request.url!.endsWith('.json') ? text : 'graph');
    });

  it('asks for graph and description, with what it was given', async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      asked.push([request.url, request.headers.authorization]);
      response.end(request.url!.startsWith('/a/rvq.json') ? JSON.stringify(DESCRIPTION) : 'graph');
    });
    const headers = { Authorization: 'Bearer key' };
    const { model, description } = await fetchDecoder(`${url}/a/rvq?weights=int8`, { headers });
    expect(description).toEqual(DESCRIPTION);
    expect(new TextDecoder().decode(model)).toBe('graph');
    expect(asked.sort()).toEqual([
      ['/a/rvq.json?weights=int8', 'Bearer key'],
      ['/a/rvq.onnx?weights=int8', 'Bearer key'],
    ]);
  });

  it('asks for the tables too, if it is told to', async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url);
      response.end(request.url === '/rvq.json?a=b' ? JSON.stringify(DESCRIPTION) : request.url);
    });
    const { tables } = await fetchDecoder(`${url}/rvq?a=b`, { tables: true });
    expect(new TextDecoder().decode(tables)).toBe('/rvq.tables?a=b');
    expect(asked).toHaveLength(3);
  });

  it('fails if the tables are not there', async () => {
    const url = await serve((request, response) => {
      response.statusCode = request.url === '/rvq.tables' ? 404 : 200;
      response.end(JSON.stringify(DESCRIPTION));
    });
    await expect(fetchDecoder(`${url}/rvq`, { tables: true })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      details: { path: `${url}/rvq.tables` },
    });
  });

  it.each([
    [404, 'FILE_NOT_FOUND'],
    [401, 'FILE_READ_FAILED'],
    [500, 'FILE_READ_FAILED'],
  ])('says what a server that answers %i means', async (status, code) => {
    const url = await serve((_, response) => {
      response.writeHead(status).end();
    });
    await expect(fetchDecoder(`${url}/rvq?key=secret`)).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('secret') as string,
    });
  });

  it('says that there is no server', async () => {
    const url = await serveDescription('');
    server.close();
    await expect(fetchDecoder(`${url}/rvq`)).rejects.toMatchObject({ code: 'FILE_READ_FAILED' });
  });

  it('ends with its signal', async () => {
    const url = await serve(() => undefined);
    const signal = AbortSignal.timeout(50);
    await expect(fetchDecoder(`${url}/rvq`, { signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it.each([
    ['no JSON', 'version'],
    ['null', 'version'],
    [JSON.stringify({ ...DESCRIPTION, version: 2 }), 'version'],
    [JSON.stringify({ ...DESCRIPTION, kind: 'opus' }), 'kind'],
    [JSON.stringify({ ...DESCRIPTION, weightsHash: 'ab' }), 'weightsHash'],
    [JSON.stringify({ ...DESCRIPTION, frameSize: 0 }), 'frameSize'],
    [JSON.stringify({ ...DESCRIPTION, states: [null] }), 'states'],
    [
      JSON.stringify({ ...DESCRIPTION, states: [{ input: 'a', output: 'b', shape: [-1] }] }),
      'states',
    ],
  ])('refuses the description %s', async (text, field) => {
    const url = await serveDescription(text);
    await expect(fetchDecoder(`${url}/rvq`)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      details: { field },
    });
  });
});
