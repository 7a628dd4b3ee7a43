import { parentPort, workerData } from 'node:worker_threads';
import { toSpeechError } from '../../base/errors.js';
import { exportDecoder } from '../../codecs/linnet/export-decoder.js';
import type { DecoderAnswer, DecoderRequest } from './decoders.js';

// a thread of its own, since the server's would stand still for a second or two

const { modelPath, kind, weights } = workerData as DecoderRequest;
try {
  const answer: DecoderAnswer = await exportDecoder(modelPath, kind, weights);
  parentPort!.postMessage(answer, [answer.model.buffer as ArrayBuffer]);
} catch (error) {
  const answer: DecoderAnswer = toSpeechError(error).toJSON();
  parentPort!.postMessage(answer);
}
