/** A tensor of onnxruntime-web. */
export type OrtTensor = {
  /** Its elements, in main memory. */
  readonly data: unknown;
};

/** A graph that onnxruntime-web has loaded. */
export type OrtSession = {
  /** Runs it: tensors by the names of inputs to tensors by the names of outputs. */
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
  /** Frees it. */
  release(): Promise<void>;
};

/** What the decoder needs of onnxruntime-web: its module, `import * as ort from 'onnxruntime-web/wasm'`, is one. */
export type OnnxRuntime = {
  readonly InferenceSession: {
    create(model: Uint8Array, options: OrtSessionOptions): Promise<OrtSession>;
  };
  readonly Tensor: {
    new (type: 'float32', data: Float32Array, dims: readonly number[]): OrtTensor;
    new (type: 'int32', data: Int32Array, dims: readonly number[]): OrtTensor;
  };
};

/** Options of a session; those of onnxruntime-web. */
export type OrtSessionOptions = {
  executionProviders: readonly string[];
  graphOptimizationLevel: 'all';
};
