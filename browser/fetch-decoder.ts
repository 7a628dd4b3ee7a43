import { isErrorLike, SpeechError, toSpeechError } from '../base/errors.js';
import { EXPORTED_WEIGHTS, type ExportedDecoder } from '../codecs/exported-decoder.js';

/** The files of an exported decoder. */
export type DecoderFiles = {
  /** `decoder.onnx`. */
  model: Uint8Array;
  /** What `decoder.json` holds. */
  description: ExportedDecoder;
  /** `decoder.tables`; without it entropy-coded files are refused. */
  tables?: Uint8Array;
};

/** How to ask for them. */
export type FetchOptions = {
  /** Sent along, such as an API key. */
  headers?: Record<string, string>;
  /**
   * Fetch `.tables` too, 2.1 MB (`single`: 0.5 MB), without which entropy-coded files are refused; false by default.
   */
  tables?: boolean;
  /** Ends the loading. */
  signal?: AbortSignal;
};

/**
 * Loads the files of an exported decoder.
 *
 * @param url - Their address without `.onnx`, `.json` and `.tables`; a query goes behind these.
 * @param options - Headers, which files, and what ends it.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`, `CANCELLED`; `MODEL_INVALID` if the description is none.
 */
export async function fetchDecoder(url: string, options: FetchOptions = {}): Promise<DecoderFiles> {
  const [model, text, tables] = await Promise.all([
    fetchPart(url, 'onnx', options, readAll),
    fetchPart(url, 'json', options, (response) => response.text()),
    options.tables === true ? fetchPart(url, 'tables', options, readAll) : undefined,
  ]);
  const files = { model, description: parseDescription(text) };
  return tables === undefined ? files : { ...files, tables };
}

async function readAll(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function fetchPart<T>(
  url: string,
  ending: string,
  { headers = {}, signal }: FetchOptions,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const [path = '', query] = url.split('?', 2);
  const address = `${path}.${ending}`;
  let failure = 'the connection failed';
  try {
    const response = await fetch(query === undefined ? address : `${address}?${query}`, {
      headers,
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.ok) {
      return await read(response);
    }
    failure = `the server answers ${response.status}`;
    if (response.status === 404) {
      throw new SpeechError('FILE_NOT_FOUND', `${address} does not exist.`, { path: address });
    }
  } catch (error) {
    if (error instanceof SpeechError || isAbort(error)) {
      throw toSpeechError(error);
    }
  }
  throw new SpeechError('FILE_READ_FAILED', `${address} cannot be read: ${failure}.`, {
    path: address,
  });
}

/**
 * Reads the description of an exported decoder.
 *
 * @param text - What `decoder.json` holds.
 * @throws {SpeechError} `MODEL_INVALID` if it is none, or of a later version.
 */
export function parseDescription(text: string): ExportedDecoder {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const description = (value ?? {}) as Partial<Record<keyof ExportedDecoder, unknown>>;
  const wrong = Object.entries(CHECKS).find(
    ([name, isRight]) => !isRight(description[name as keyof ExportedDecoder]),
  );
  if (wrong !== undefined) {
    throw new SpeechError(
      'MODEL_INVALID',
      `The description of the decoder has no ${wrong[0]} that this version of Linnet reads.`,
      { field: wrong[0] },
    );
  }
  return description as ExportedDecoder;
}

const isText = (value: unknown) => typeof value === 'string' && value.length > 0;
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
const isOneOf = (known: readonly unknown[]) => (value: unknown) => known.includes(value);

const CHECKS: Readonly<Record<keyof ExportedDecoder, (value: unknown) => boolean>> = {
  version: isOneOf([1]),
  name: isText,
  kind: isOneOf(['rvq', 'single']),
  weightsHash: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  weights: isOneOf(EXPORTED_WEIGHTS),
  sampleRate: isCount,
  frameSize: isCount,
  numCodebooks: isCount,
  cardinality: isCount,
  overlap: (value) => value === 0 || isCount(value),
  states: (value) =>
    Array.isArray(value) &&
    value.every((state: Partial<Record<string, unknown>> | null) => {
      const shape = state?.['shape'];
      return (
        isText(state?.['input']) &&
        isText(state?.['output']) &&
        Array.isArray(shape) &&
        shape.every(isCount)
      );
    }),
};

function isAbort(error: unknown): boolean {
  return isErrorLike(error) && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
