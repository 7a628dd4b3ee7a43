import type { RequestHandler } from 'express';
import { SpeechError } from '../../base/errors.js';
import type { CodecKind } from '../../codecs/contract.js';
import { EXPORTED_WEIGHTS, type ExportedWeights } from '../../codecs/exported-decoder.js';
import type { ServerContext } from './context.js';

const FILE = /^(?<kind>rvq|single)\.(?<type>onnx|json|tables)$/;
const TYPES = {
  onnx: 'application/octet-stream',
  json: 'application/json',
  tables: 'application/octet-stream',
} as const;

/**
 * `GET /v1/audio/decoder/:file`: the decoder that pages run, `rvq.onnx`, `rvq.json` and `rvq.tables`, and those of
 * `single`, with `?weights=int8` (the default) or `float32`; fails with `ROUTE_NOT_FOUND` and `OPTION_INVALID`.
 *
 * @param context - The server.
 * @returns The route's handler.
 */
export function sendDecoder({ decoders }: ServerContext): RequestHandler<{ file: string }> {
  return async (request, response) => {
    const groups = FILE.exec(request.params.file)?.groups;
    if (groups === undefined) {
      throw new SpeechError(
        'ROUTE_NOT_FOUND',
        'There is .onnx, .json and .tables, of rvq and of single, such as rvq.onnx.',
      );
    }
    const type = groups['type'] as keyof typeof TYPES;
    const weights = readWeights(request.query['weights']);
    const decoder = await decoders.get(groups['kind'] as CodecKind, weights);
    const { bytes, etag } = decoder[type];
    // asked again each time and answered with 304, so that the files stay of one version;
    // private, since an answer to a key is not for all
    response.setHeader('Cache-Control', 'private, no-cache');
    response.setHeader('ETag', etag);
    response.type(TYPES[type]).send(bytes);
  };
}

function readWeights(value: unknown = 'int8'): ExportedWeights {
  const weights = EXPORTED_WEIGHTS.find((known) => known === value);
  if (weights === undefined) {
    throw new SpeechError(
      'OPTION_INVALID',
      `weights is ${JSON.stringify(value).slice(0, 60)}; it must be one of ${EXPORTED_WEIGHTS.join(', ')}.`,
    );
  }
  return weights;
}
