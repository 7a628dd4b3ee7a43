import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import type { Device, DeviceName } from './device-names.js';
import { InferenceSession, listSupportedBackends, Tensor } from './onnxruntime.js';

/** Largest relative error of a trial run; GPUs may multiply in shorter floats, but not in wrong ones. */
const TRIAL_TOLERANCE = 1e-2;
const TRIAL_SIZE = 64;

/**
 * Chooses a device.
 *
 * @param wanted - `auto` tries the GPUs and falls back to the CPU.
 * @returns A device on which a small network ran and agreed with the CPU.
 * @throws {SpeechError} `DEVICE_UNAVAILABLE` if the one that was asked for does not.
 */
export async function chooseDevice(wanted: DeviceName): Promise<Device> {
  if (wanted === 'cpu') {
    return 'cpu';
  }
  const bundled = new Set(listSupportedBackends().map(({ name }) => name));
  const candidates: Device[] = wanted === 'auto' ? ['cuda', 'webgpu'] : [wanted];
  for (const device of candidates) {
    // a trial on what cannot work writes the runtime's own messages to stderr, so look first
    const isWorthATrial = wanted !== 'auto' || mayWork(device);
    if (bundled.has(device) && isWorthATrial && (await runsTrial(device))) {
      return device;
    }
  }
  if (wanted === 'auto') {
    return 'cpu';
  }
  throw new SpeechError(
    'DEVICE_UNAVAILABLE',
    `device is ${wanted}, which does not work on this machine; use auto or cpu.`,
    { device: wanted },
  );
}

/** Whether the machine has what the device needs, as far as files tell. */
function mayWork(device: Device): boolean {
  const isLinux = process.platform === 'linux';
  if (device === 'cuda') {
    return isLinux && existsSync('/dev/nvidiactl') && hasCudaProvider();
  }
  const gpus = ['/dev/nvidiactl', '/dev/dri/renderD128', '/dev/dxg'];
  return !isLinux || gpus.some((path) => existsSync(path));
}

/** The npm package leaves the CUDA provider out; whoever wants it adds the library. */
function hasCudaProvider(): boolean {
  try {
    const main = createRequire(import.meta.url).resolve('onnxruntime-node');
    const folder = join(dirname(main), '..', 'bin');
    return readdirSync(folder, { recursive: true }).some((file) => {
      return String(file).endsWith('libonnxruntime_providers_cuda.so');
    });
  } catch {
    return false;
  }
}

async function runsTrial(device: Device): Promise<boolean> {
  try {
    const model = trialGraph();
    const [expected, actual] = [await runOn('cpu', model), await runOn(device, model)];
    const largest = Math.max(...expected.map(Math.abs));
    return expected.every((value, index) => {
      return Math.abs(actual[index]! - value) <= TRIAL_TOLERANCE * largest;
    });
  } catch {
    return false;
  }
}

function trialGraph(): Uint8Array {
  const graph = new GraphBuilder('trial');
  const x = graph.input('x', 'float32', [1, TRIAL_SIZE]);
  const data = Float32Array.from({ length: TRIAL_SIZE ** 2 }, (_, index) => Math.sin(index));
  const weight = graph.constant({ dtype: 'float32', shape: [TRIAL_SIZE, TRIAL_SIZE], data });
  graph.output('y', graph.gelu(graph.matMul(x, weight)));
  return graph.build();
}

async function runOn(device: Device, model: Uint8Array): Promise<Float32Array> {
  const session = await InferenceSession.create(model, {
    executionProviders: [device],
    logSeverityLevel: 4,
  });
  try {
    const data = Float32Array.from({ length: TRIAL_SIZE }, (_, index) => Math.cos(index));
    const { y } = await session.run({ x: new Tensor('float32', data, [1, TRIAL_SIZE]) });
    return Float32Array.from(y!.data as Float32Array);
  } finally {
    await session.release();
  }
}
