import type { Codec, CodecKind } from '../../codecs/codec.js';
import type { SpeechEngine } from '../speech-engine.js';
import type { EngineArguments } from './arguments.js';

/** An engine that can also lend its codecs. */
export type CommandEngine = SpeechEngine & { loadCodec(kind: CodecKind): Promise<Codec> };

/** Loads the engine; tests pass their own. */
export type LoadEngine = (options: EngineArguments) => Promise<CommandEngine>;

/**
 * Loads the engine for a command. The models' code is imported only here, so that `--help` and wrong
 * calls answer at once.
 *
 * @param options - Device and threads.
 * @returns The engine; close it in the end.
 * @throws {SpeechError} `MODEL_NOT_FOUND`, `MODEL_INVALID`, `DEVICE_UNAVAILABLE`.
 */
export async function loadEngine(options: EngineArguments): Promise<CommandEngine> {
  const { Engine } = await import('../../tts/engine.js');
  const { device, threads } = options;
  return Engine.load(threads === undefined ? { device } : { device, threads });
}
