export { readLanguageModelConfig, type LanguageModelConfig } from './config.js';
export { buildEncoderGraph } from './encoder-graph.js';
export { LanguageModel, type LanguageModelOptions } from './language-model.js';
export { buildStepGraph, type StepGraphOptions } from './step-graph.js';
export { LanguageModelStream, type Step } from './stepper.js';
