import { parentPort, workerData } from 'node:worker_threads';
import { toSpeechError } from '../../base/errors.js';
import { makeDecoder } from '../files/decoder-files.js';
import type { DecoderAnswer, DecoderRequest } from './decoders.js';

// a thread of its own, since the server's would stand still for a second or two

const { kind, weights } = workerData as DecoderRequest;
try {
  const answer: DecoderAnswer = await makeDecoder(kind, weights);
  parentPort!.postMessage(answer, [answer.model.buffer as ArrayBuffer]);
} catch (error) {
  const answer: DecoderAnswer = toSpeechError(error).toJSON();
  parentPort!.postMessage(answer);
}
