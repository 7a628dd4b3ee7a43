// the first of the two, since the addon reads the environment when it is loaded
import './telemetry-off.js';

export { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
