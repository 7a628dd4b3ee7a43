import type { Codec, CodecKind } from '../../codecs/contract.js';
import type { SpeechEngine } from '../../tts/types.js';
import type { EngineArguments } from './arguments.js';

/** An engine that can also lend its codecs. */
export type CommandEngine = SpeechEngine & { loadCodec(kind: CodecKind): Promise<Codec> };

/** What a command asks of the engine. */
export type LoadOptions = EngineArguments & {
  /** False for commands that may not speak at all: the speech models are then loaded when needed. */
  warmUp?: boolean;
  /** Ends the loading. */
  signal?: AbortSignal;
};

/** Loads the engine; tests pass their own. */
export type LoadEngine = (options: LoadOptions) => Promise<CommandEngine>;

/**
 * Loads the engine for a command. The models' code is imported only here, so that `--help` and wrong
 * calls answer at once.
 *
 * @param options - Device, threads, precision, and whether to load the speech models at once.
 * @returns The engine; close it in the end.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `MODEL_INVALID`, `DEVICE_UNAVAILABLE`, `CANCELLED`.
 */
export async function loadEngine(options: LoadOptions): Promise<CommandEngine> {
  const { Engine } = await import('../../engine/client/engine.js');
  const { device, threads, precision, warmUp = true, signal } = options;
  return Engine.load({
    device,
    precision,
    warmUp,
    ...(threads === undefined ? {} : { threads }),
    ...(signal === undefined ? {} : { signal }),
  });
}
