// the first of the two, since the addon reads the environment when it is loaded
import './no-telemetry.js';

export { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
