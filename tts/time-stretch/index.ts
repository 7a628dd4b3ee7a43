export { stretchNaive } from './naive.js';
export { checkSpeed, clampSpeed, SPEED_RANGE } from './parameters.js';
export { stretchChunks } from './stretch-chunks.js';
export { TimeStretch } from './streaming.js';
