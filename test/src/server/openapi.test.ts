import SwaggerParser from '@apidevtools/swagger-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { OpenAPI } from 'openapi-types';
import { createApp } from '../../../src/server/app.js';
import { createContext } from '../../../src/server/context.js';
import { createOpenApi } from '../../../src/server/openapi/document.js';
import { OPERATIONS } from '../../../src/server/openapi/operations.js';
import { resolveServerOptions } from '../../../src/server/options.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';

type Layer = { route?: { path: string | string[]; methods: Record<string, boolean> } };

describe('the OpenAPI description', () => {
  it('is valid', async () => {
    const document = structuredClone(createOpenApi('1.2.3')) as unknown as OpenAPI.Document;
    await expect(SwaggerParser.validate(document)).resolves.toMatchObject({ openapi: '3.1.0' });
  });

  it('has the routes of the application, and no others', async () => {
    const options = resolveServerOptions({ logLevel: 'silent' }, {});
    const context = await createContext(new ToneEngine(), options);
    const app = createApp(context, new AbortController().signal);
    context.encoders.close();
    const routes = (app.router.stack as unknown as Layer[]).flatMap(({ route }) => {
      if (route === undefined) {
        return [];
      }
      const paths = [route.path].flat();
      // without /v1 they are the same
      const own = paths.filter((path) => !paths.includes(`/v1${path}`));
      const methods = Object.keys(route.methods).filter((method) => method !== '_all');
      const named = own.map((path) => path.replace(/:(\w+)/g, '{$1}'));
      // a WebSocket is opened with GET
      const [method = 'get'] = methods;
      return named.map((path) => `${method} ${path}`);
    });
    const described = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
    expect(routes.sort()).toEqual(described.sort());
  });
});

describe('what the server answers', () => {
  let server: TestServer;
  const ajv = new Ajv2020({ strict: false });
  beforeAll(async () => {
    server = await startTestServer(new ToneEngine());
    ajv.addSchema(
      (await (await fetch(`${server.url}/openapi.json`)).json()) as object,
      'description',
    );
  });
  afterAll(async () => {
    await server.close();
  });

  const speech = { model: 'tts-1', voice: 'low', input: 'ab' };
  const paths = '/v1/text-to-speech/{voice}';
  const answers: [path: string, address: string, status: number, body?: object][] = [
    ['/healthz', '/healthz', 200],
    ['/readyz', '/readyz', 200],
    ['/v1/models', '/v1/models', 200],
    ['/v1/models/{id}', '/v1/models/tts-1', 200],
    ['/v1/models/{id}', '/v1/models/none', 404],
    ['/v1/audio/models', '/v1/audio/models', 200],
    ['/v1/audio/voices', '/v1/audio/voices', 200],
    ['/v1/audio/voices', '/v1/audio/voices?legacy=true', 200],
    ['/v1/audio/voices/{id}/sample', '/v1/audio/voices/none/sample', 400],
    ['/v1/voices', '/v1/voices', 200],
    ['/v2/voices', '/v2/voices', 200],
    ['/v1/speak', '/v1/speak', 426],
    ['/v1/speak', '/v1/speak?encoding=ogg', 400, { text: 'ab' }],
    [`${paths}/stream-input`, '/v1/text-to-speech/low/stream-input', 426],
    ['/v1/audio/speech/live', '/v1/audio/speech/live', 426],
    ['/v1/audio/speech', '/v1/audio/speech', 400, { ...speech, speed: 9 }],
    ['/v1/audio/speech', '/v1/audio/speech', 400, { voice: 'low' }],
    [paths, '/v1/text-to-speech/none', 400, { text: 'ab' }],
    [`${paths}/with-timestamps`, '/v1/text-to-speech/low/with-timestamps', 200, { text: 'ab' }],
  ];
  const cases = answers.map(([path, address, status, body]) => ({ path, address, status, body }));
  it.each(cases)('at $address, $status, is as described', async (answer) => {
    const { path, address, status, body } = answer;
    const method = body === undefined ? 'get' : 'post';
    const response = await fetch(server.url + address, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.status).toBe(status);
    const operation = createOpenApi('').paths[path]![method] as {
      responses: Record<string, { content: Record<string, { schema: { $ref: string } }> }>;
    };
    const { content } = operation.responses[status] ?? operation.responses['default']!;
    const { $ref } = content['application/json']!.schema;
    const check = ajv.compile({ $ref: `description${$ref}` });
    check(await response.json());
    expect(check.errors).toBeNull();
    // and no answer fits: the schema says something
    expect(check({ made: 'up' })).toBe(false);
  });

  it('takes what the schema of a request takes, and refuses what it refuses', async () => {
    const check = ajv.compile({ $ref: 'description#/components/schemas/SpeechRequest' });
    const bodies = [
      speech,
      { ...speech, unknown: 1 },
      { ...speech, seed: null, dictionary: { a: 'b' } },
      { ...speech, voice: { id: 'low' } },
      { ...speech, seed: -1 },
      { ...speech, temperature: 3 },
      { ...speech, input: 1 },
      { ...speech, stream_format: 'x' },
      { voice: 'low' },
    ];
    const taken = bodies.map((body) => check(body));
    const statuses: boolean[] = [];
    for (const body of bodies) {
      const response = await server.post(body);
      statuses.push(response.status === 200);
      await response.arrayBuffer();
    }
    expect(statuses).toEqual(taken);
    expect(taken.filter((isTaken) => isTaken)).toHaveLength(4);
  });
});
