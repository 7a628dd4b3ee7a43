import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import type { Request } from 'express';
import { SpeechError } from '../../../base/errors.js';
import type { Fields } from './codec-request.js';

/** The file that a request carries. */
export type AudioBody = {
  /** Those of the form; a body that is the file itself has none. */
  fields: Fields;
  /** The file's bytes; can be read once. */
  bytes: AsyncIterable<Uint8Array>;
};

/** What a body may be. */
export type BodyLimits = {
  /** Bytes of the file at most. */
  maxBytes: number;
  /** How long the client may send nothing, in ms. */
  stallTimeoutMs: number;
};

const MULTIPART = 'multipart/form-data';
const PLAIN_TYPES = /^(audio|video)\/|^application\/(octet-stream|ogg|mp4|vnd\.linnet\.lnt)$/;

const MAX_FIELDS = 16;
/** Tags are the longest of them. */
const MAX_FIELD_BYTES = 131_072;

/**
 * Refuses what cannot be a file for us, before any of it is sent.
 *
 * @param request - The request.
 * @param limits - See {@link BodyLimits}.
 * @throws {SpeechError} `BODY_TYPE_UNSUPPORTED`, `BODY_TOO_LARGE`.
 */
export function checkBody({ headers }: Request, { maxBytes }: BodyLimits): void {
  const type = mediaTypeOf(headers['content-type']);
  if (type !== undefined && type !== MULTIPART && !PLAIN_TYPES.test(type)) {
    throw new SpeechError(
      'BODY_TYPE_UNSUPPORTED',
      `Content-Type is ${JSON.stringify(type.slice(0, 80))}; send the file itself as audio/* or application/octet-stream, or a form as ${MULTIPART}.`,
    );
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new SpeechError(
      'BODY_TYPE_UNSUPPORTED',
      `Content-Encoding is ${JSON.stringify(encoding.slice(0, 80))}; only identity is taken.`,
    );
  }
  const length = Number(headers['content-length'] ?? 0);
  const overhead = type === MULTIPART ? MAX_FIELDS * MAX_FIELD_BYTES : 0;
  if (length > maxBytes + overhead) {
    throw tooLarge(maxBytes);
  }
}

/**
 * Begins to read a body that is a file, or a form with one.
 *
 * @param request - The request; it is not destroyed, so that it can still be answered.
 * @param limits - See {@link BodyLimits}.
 * @returns The file, once its first bytes are due: of a form, once the fields before it have come. Reading its bytes
 * fails with `BODY_TOO_LARGE`, `INPUT_TIMEOUT`, `CANCELLED` if the client left, and what is wrong with the rest of a form.
 * @throws {SpeechError} `BODY_INVALID` for a form that is none or has no file; `INPUT_TIMEOUT`, `CANCELLED`.
 */
export async function openBody(request: Request, limits: BodyLimits): Promise<AudioBody> {
  if (mediaTypeOf(request.headers['content-type']) === MULTIPART) {
    const { fields, bytes } = await openForm(request, limits);
    return { fields, bytes: guard(bytes, limits) };
  }
  const bytes = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  return { fields: {}, bytes: guard(bytes, limits) };
}

function mediaTypeOf(header: string | undefined): string | undefined {
  return header?.split(';', 1)[0]!.trim().toLowerCase();
}

async function openForm(request: Request, limits: BodyLimits): Promise<AudioBody> {
  const fields: Record<string, string> = {};
  const form = createParser(request);
  let file: Readable | undefined;
  let fail: (error: SpeechError) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = (error) => {
      request.unpipe(form);
      file?.destroy(error);
      reject(error);
    };
  });
  // whoever waits for it hears of it
  failed.catch(() => undefined);
  const finished = new Promise<void>((resolve) => form.once('finish', resolve));
  const opened = new Promise<Readable>((resolve) => {
    form.on('file', (name: string, stream: Readable) => {
      stream.on('error', () => undefined);
      if (name !== 'file' || file !== undefined) {
        stream.resume();
        fail(invalid(`a file is called ${quote(name)}; there must be one, called file`));
        return;
      }
      file = stream;
      resolve(stream);
    });
  });
  form.on('field', (name: string, value: string, isNameCut: boolean, isValueCut: boolean) => {
    if (file !== undefined) {
      fail(invalid(`${quote(name)} comes after file; fields must come before it`));
    } else if (isNameCut || isValueCut) {
      fail(invalid(`${quote(name)} is longer than ${MAX_FIELD_BYTES} bytes`));
    } else {
      fields[name] = value;
    }
  });
  form.once('fieldsLimit', () => {
    fail(invalid(`it has more than ${MAX_FIELDS} fields`));
  });
  form.once('filesLimit', () => {
    fail(invalid('it has several files; there must be one, called file'));
  });
  form.once('error', () => {
    fail(invalid('it is malformed or ends too early'));
  });
  request.once('close', () => {
    if (!request.complete) {
      fail(clientLeft());
    }
  });
  const missing = finished.then(() => {
    throw invalid('it has no file; there must be one, called file');
  });
  missing.catch(() => undefined);
  request.pipe(form);
  await withTimeout(Promise.race([opened, failed, missing]), limits.stallTimeoutMs);
  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* file!.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    // what follows the file may be wrong
    await Promise.race([finished, failed]);
  }
  return { fields, bytes: read() };
}

function createParser({ headers }: Request): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': headers['content-type']! },
      limits: { files: 2, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES },
    });
  } catch (cause) {
    throw new SpeechError(
      'BODY_INVALID',
      'The form cannot be read: its Content-Type names no boundary.',
      {},
      { cause },
    );
  }
}

/** Bounds a file and the patience with who sends it. */
async function* guard(
  source: AsyncIterable<Uint8Array>,
  { maxBytes, stallTimeoutMs }: BodyLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const parts = source[Symbol.asyncIterator]();
  let numBytes = 0;
  try {
    for (;;) {
      const next = await withTimeout(parts.next(), stallTimeoutMs);
      if (next.done === true) {
        return;
      }
      numBytes += next.value.length;
      if (numBytes > maxBytes) {
        throw tooLarge(maxBytes);
      }
      yield next.value;
    }
  } catch (thrown) {
    throw thrown instanceof SpeechError ? thrown : clientLeft(thrown);
  }
}

async function withTimeout<T>(promise: Promise<T>, stallTimeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new SpeechError(
          'INPUT_TIMEOUT',
          `The client sent nothing for ${stallTimeoutMs} ms, as long as it may.`,
          { stallTimeoutMs },
        ),
      );
    }, stallTimeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(limit: number): SpeechError {
  return new SpeechError('BODY_TOO_LARGE', `The file is larger than ${limit} bytes.`, { limit });
}

function clientLeft(cause?: unknown): SpeechError {
  return new SpeechError(
    'CANCELLED',
    'The client left before it had sent its file.',
    {},
    { cause },
  );
}

function invalid(problem: string): SpeechError {
  return new SpeechError('BODY_INVALID', `The form cannot be taken: ${problem}.`, {
    param: 'file',
  });
}

function quote(name: string): string {
  return JSON.stringify(name.slice(0, 40));
}
