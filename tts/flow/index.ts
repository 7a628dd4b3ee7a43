export { readFlowConfig, type FlowConfig } from './config.js';
export { FlowDecoder, FlowStream, type FlowOptions, type FlowToken } from './flow-decoder.js';
export { buildFlowGraph } from './flow-graph.js';
