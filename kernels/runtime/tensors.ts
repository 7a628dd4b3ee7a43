import type { TensorData, TensorLike } from '../onnx/tensor.js';
import { Tensor } from './onnxruntime.js';

/**
 * Wraps a tensor for ONNX Runtime without copying it.
 *
 * @param tensor - Plain data.
 */
export function toRuntimeTensor({ dtype, data, shape }: TensorLike): Tensor {
  return new Tensor(dtype, data as Float32Array, shape);
}

/**
 * Gives a tensor of ONNX Runtime as plain data without copying it.
 *
 * @param tensor - It must lie in main memory.
 */
export function fromRuntimeTensor(tensor: Tensor): TensorLike {
  return {
    dtype: tensor.type as TensorLike['dtype'],
    shape: tensor.dims,
    data: tensor.data as TensorData,
  };
}
