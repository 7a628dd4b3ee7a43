import type { Logger } from 'pino';
import type { SpeechEngine } from '../../tts/types.js';
import type { EncoderPool } from '../audio/encoder-pool.js';
import type { Admission } from './admission.js';
import type { Callers } from './callers.js';
import type { DictionaryFiles } from './dictionary-files.js';
import type { Metrics } from './metrics.js';
import type { ServerOptions } from './options.js';

/** What all routes share. */
export type ServerContext = {
  engine: SpeechEngine;
  options: ServerOptions;
  callers: Callers;
  admission: Admission;
  metrics: Metrics;
  logger: Logger;
  dictionaries: DictionaryFiles;
  encoders: EncoderPool;
};
