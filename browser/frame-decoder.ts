import type { ExportedDecoder } from '../codecs/exported-decoder.js';
import type { FrameDecoder } from '../codecs/streaming/frame-codec.js';
import type { OnnxRuntime, OrtSession, OrtTensor } from './onnx-runtime.js';

/** Runs the exported graph; one run of a session at a time. */
export type RunGraph = (
  task: (session: OrtSession) => Promise<Record<string, OrtTensor>>,
) => Promise<Record<string, OrtTensor>>;

/** One stream of an exported decoder: its states go from run to run. */
export class OnnxFrameDecoder implements FrameDecoder {
  readonly #ort: OnnxRuntime;
  readonly #description: ExportedDecoder;
  readonly #run: RunGraph;
  #states: Record<string, OrtTensor> = {};
  /** Samples still to come that lie before the audio. */
  #early = 0;

  /**
   * @param ort - onnxruntime-web.
   * @param description - What the graph is.
   * @param run - Runs it.
   */
  constructor(ort: OnnxRuntime, description: ExportedDecoder, run: RunGraph) {
    this.#ort = ort;
    this.#description = description;
    this.#run = run;
    this.reset();
  }

  /** See {@link FrameDecoder.decode}. */
  async decode(codes: Uint16Array, numCodebooks: number): Promise<Float32Array> {
    const shape = [1, codes.length / numCodebooks, numCodebooks];
    const feeds = {
      ...this.#states,
      codes: new this.#ort.Tensor('int32', Int32Array.from(codes), shape),
    };
    const outputs = await this.#run((session) => session.run(feeds));
    this.#states = Object.fromEntries(
      this.#description.states.map(({ input, output }) => [input, outputs[output]!]),
    );
    const samples = outputs['samples']!.data as Float32Array;
    const early = Math.min(this.#early, samples.length);
    this.#early -= early;
    return samples.subarray(early);
  }

  /** Goes back to the state before the first frame. */
  reset(): void {
    const { states, overlap } = this.#description;
    this.#states = Object.fromEntries(
      states.map(({ input, shape }) => {
        const length = shape.reduce((product, size) => product * size, 1);
        return [input, new this.#ort.Tensor('float32', new Float32Array(length), shape)];
      }),
    );
    this.#early = overlap;
  }

  /** Forgets the states. */
  close(): void {
    this.#states = {};
  }
}
