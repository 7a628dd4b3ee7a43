import { parentPort, workerData } from 'node:worker_threads';
import { Runtime } from '../kernels/index.js';
import type { BenchSettings } from './settings.js';
import { measureStages } from './stages.js';
import { BENCH_TEXT } from './texts.js';

const { device, threads, precision, model, runs } = workerData as BenchSettings;
const runtime = await Runtime.create({
  device,
  precision,
  ...(threads === undefined ? {} : { threads }),
});
parentPort?.postMessage(await measureStages(runtime, model, BENCH_TEXT, runs));
await runtime.close();
