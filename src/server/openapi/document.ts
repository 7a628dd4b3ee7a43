import { OPERATIONS, type Operation } from './operations.js';
import { bodySchemas, type SchemaName } from './schemas.js';

/**
 * Describes the HTTP interface in OpenAPI 3.1.
 *
 * @param version - Of the package.
 * @returns The description, as JSON.
 */
export function createOpenApi(version: string) {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Linnet',
      version,
      description:
        'Text to speech. Routes below /v1 are also served without it; docs/http-api.md, docs/live.md and docs/elevenlabs.md say more.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    // where no keys are set, none is asked for
    security: [{ bearer: [] }, { header: [] }, {}],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        header: { type: 'apiKey', in: 'header', name: 'xi-api-key' },
      },
      schemas: bodySchemas(),
    },
  };
}

function describe(operation: Operation): object {
  const { method, path, summary, isOpen, responses, errors = 'Error' } = operation;
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query = Object.entries(operation.query ?? {}).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  }));
  const answers = Object.entries(responses).map(([status, { description, type, schema }]) => [
    status,
    { description, ...(type === undefined ? {} : { content: contentOf(type, schema) }) },
  ]);
  return {
    operationId: [method, ...(path.match(/\w+/g) ?? ['page'])].join('_'),
    summary,
    ...(isOpen === true ? { security: [] } : {}),
    parameters: [...named, ...query],
    ...bodyOf(operation),
    responses: {
      ...(Object.fromEntries(answers) as Record<string, object>),
      default: {
        description: 'A failure; docs/errors.md lists the codes.',
        content: contentOf('application/json', errors),
      },
    },
  };
}

function bodyOf({ request, file }: Operation): object {
  if (request !== undefined) {
    return { requestBody: { required: true, content: contentOf('application/json', request) } };
  }
  if (file === undefined) {
    return {};
  }
  const form = {
    allOf: [refTo(file), { type: 'object', properties: { file: {} }, required: ['file'] }],
  };
  const content = { 'application/octet-stream': {}, 'multipart/form-data': { schema: form } };
  return { requestBody: { required: true, content } };
}

function contentOf(type: string, schema?: SchemaName): object {
  return { [type]: schema === undefined ? {} : { schema: refTo(schema) } };
}

function refTo(schema: SchemaName): object {
  return { $ref: `#/components/schemas/${schema}` };
}
