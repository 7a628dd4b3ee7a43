export { readFlowConfig, type FlowConfig } from './config.js';
export { FlowDecoder, type FlowOptions } from './flow-decoder.js';
export { buildFlowGraph, type FlowGraphOptions } from './flow-graph.js';
export { FlowStream, type FlowPiece, type FlowResult, type FlowToken } from './flow-stream.js';
