import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest gives every test file its own copies of JavaScript's built-in classes, but the arrays that
 * ONNX Runtime's native part makes are Node's own, and it refuses any other. So tests use Node's.
 */
export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, {
      ArrayBuffer,
      BigInt64Array,
      Float32Array,
      Float64Array,
      Int32Array,
      Int8Array,
      Uint16Array,
      Uint8Array,
    });
  }
}
