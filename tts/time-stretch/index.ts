export { stretchNaive } from './naive.js';
export { checkSpeed, clampSpeed, SPEED_RANGE } from './parameters.js';
export { TimeStretch, type StretchState } from './streaming.js';
