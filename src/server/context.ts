import type { Logger } from 'pino';
import { EncoderPool } from '../audio/encoder-pool.js';
import type { CommandEngine } from '../cli/load-engine.js';
import { Admission } from './admission.js';
import { CallerLimits } from './caller-limits.js';
import { Callers } from './callers.js';
import { CodecService } from './codec/codec-service.js';
import { Decoders } from './decoders.js';
import { DictionaryFiles } from './dictionary-files.js';
import { createMetrics, type Metrics } from './metrics.js';
import type { ServerOptions } from './options.js';
import { createLogger } from './request-log.js';

/** What all routes share. */
export type ServerContext = {
  engine: CommandEngine;
  options: ServerOptions;
  callers: Callers;
  limits: CallerLimits;
  admission: Admission;
  metrics: Metrics;
  logger: Logger;
  dictionaries: DictionaryFiles;
  encoders: EncoderPool;
  codecs: CodecService;
  decoders: Decoders;
};

/**
 * Makes what all routes share.
 *
 * @param engine - What speaks.
 * @param options - See `resolveServerOptions`.
 * @returns The server's context.
 * @throws {SpeechError} What reading a dictionary throws.
 */
export async function createContext(
  engine: CommandEngine,
  options: ServerOptions,
): Promise<ServerContext> {
  const logger = createLogger(options.logLevel);
  const dictionaries = await DictionaryFiles.load(options.dictionary, logger);
  const admission = new Admission(options);
  const codecs = new CodecService(engine, options);
  return {
    engine,
    options,
    callers: new Callers(options),
    limits: new CallerLimits(options),
    admission,
    metrics: createMetrics(admission, engine, codecs.admission),
    logger,
    dictionaries,
    encoders: new EncoderPool(),
    codecs,
    decoders: new Decoders(),
  };
}
