import type { WeightFormat } from '../../kernels/index.js';
import type { CodecKind } from '../contract.js';
import type { ExportedDecoder, ExportedWeights } from '../exported-decoder.js';
import { buildCodeDecoderGraph, type CodeDecoderParts } from './code-decoder-graph.js';
import { CodecFiles } from './codec-files.js';
import { overlapOf } from './config.js';
import { residualSizes } from './rvq/residual-quantizer.js';
import { singleSizes } from './single/config.js';
import { describeCodec } from './token-codec.js';

const FORMATS: Readonly<Record<ExportedWeights, WeightFormat>> = {
  float32: 'float32',
  int8: 'int8-rows',
};

/**
 * Makes a decoder that runs without this package, such as in a browser.
 *
 * @param modelPath - Folder that holds `codec/`.
 * @param kind - Which tokens.
 * @param weights - How its weights are stored: `int8` takes a quarter of the room and rounds.
 * @returns An ONNX model for ONNX Runtime, and what it is.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`; `MODEL_INVALID` if a file is damaged.
 */
export async function exportDecoder(
  modelPath: string,
  kind: CodecKind,
  weights: ExportedWeights,
): Promise<{ model: Uint8Array; description: ExportedDecoder }> {
  const files = new CodecFiles(modelPath);
  const config = files.readConfig();
  const decoder = await files.readWeights('decoder');
  const tokens: CodeDecoderParts['tokens'] =
    kind === 'rvq'
      ? { kind, weights: await files.readWeights('quantizer') }
      : { kind, ...(await files.readSingle()) };
  const sizes = tokens.kind === 'rvq' ? residualSizes(config) : singleSizes(tokens.config);
  const graph = buildCodeDecoderGraph({ config, decoder, tokens }, FORMATS[weights]);
  const codec = describeCodec(config, kind, sizes, await files.hashWeights(kind));
  const description: ExportedDecoder = {
    version: 1,
    name: codec.name,
    kind,
    weightsHash: codec.weightsHash,
    weights,
    sampleRate: codec.sampleRate,
    frameSize: codec.frameSize,
    numCodebooks: codec.numCodebooks,
    cardinality: codec.cardinality,
    overlap: overlapOf(config),
    // the graph is of one stream, so that all its sizes are known
    states: graph.states.map((state) => ({ ...state, shape: state.shape.map(Number) })),
  };
  return { model: graph.build(), description };
}
