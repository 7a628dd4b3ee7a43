export { GraphBuilder, type Operand } from './onnx/graph-builder.js';
export type { Attribute, NodeOptions, OutputSpec, Value, WeightFormat } from './onnx/graph.js';
export type { Dim, Shape } from './onnx/shapes.js';
export { parseSafetensors, readSafetensors, type Tensors } from './onnx/safetensors.js';
export {
  float32,
  int32,
  numElements,
  type DataType,
  type TensorData,
  type TensorLike,
} from './onnx/tensor.js';
export { Weights } from './onnx/weights.js';
export { causalConv, depthwiseConv } from './causal-conv/graph.js';
export { convNextBlock, scaledDown, type ConvNextOptions } from './convnext/graph.js';
export { embedding } from './embedding/graph.js';
export { scalarLookup, scalarQuantize } from './fsq/graph.js';
export { gatedLinearAttention, type AttentionInputs } from './gated-linear-attention/graph.js';
export { fusedLinear } from './linear/fused.js';
export { linear, transposed, vector, type LinearOptions } from './linear/graph.js';
export { denseProduct } from './linear/product.js';
export {
  blockQuantizedProduct,
  rowQuantizedProduct,
  type DenseMatrix,
} from './quantized-product/graph.js';
export { residualLookup, residualQuantize, type QuantizerLevels } from './residual-vq/graph.js';
export { addRmsNorm, rmsNorm } from './rms-norm/graph.js';
export { sampleToken, type SamplingOptions } from './sampling/graph.js';
export { istft, stft, type StftSizes } from './stft/graph.js';
export { silu, swiGlu } from './swiglu/graph.js';
export type { Device, DeviceName, Precision } from './runtime/device-names.js';
export { GraphSession } from './runtime/graph-session.js';
export { Runtime, streamStates, type LoadOptions, type RuntimeOptions } from './runtime/runtime.js';
export { Slot, SlotPool } from './runtime/slot-pool.js';
export { StateBlock, type StreamState } from './runtime/state-block.js';
