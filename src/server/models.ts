import { SpeechError } from '../../base/errors.js';

/** A model as OpenAI's `/v1/models` lists it. */
export type ModelInfo = {
  id: string;
  object: 'model';
  /** Unix time in seconds. */
  created: number;
  owned_by: string;
};

/** The name of the model in the repository. */
export const DEFAULT_MODEL = 'linnet-24k';

// November 2026, when the first weights were trained
const CREATED = 1_795_000_000;

const ALIASES = ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts'] as const;

/** Every model name a client may send: ours, and OpenAI's as other names for it. */
export const MODELS: readonly ModelInfo[] = [DEFAULT_MODEL, ...ALIASES].map((id) => ({
  id,
  object: 'model',
  created: CREATED,
  owned_by: 'linnet',
}));

/**
 * Finds a model.
 *
 * @param name - A name of {@link MODELS}, or one with a date after it such as
 * `gpt-4o-mini-tts-2025-12-15`; the model in the repository by default.
 * @returns The model.
 * @throws {SpeechError} `MODEL_NOT_FOUND`.
 */
export function findModel(name: string = DEFAULT_MODEL): ModelInfo {
  const undated = name.replace(/-\d{4}-\d{2}-\d{2}$/, '');
  const model = MODELS.find(({ id }) => id === undated);
  if (model === undefined) {
    const known = MODELS.map(({ id }) => id).join(', ');
    throw new SpeechError(
      'MODEL_NOT_FOUND',
      `model is ${JSON.stringify(name.slice(0, 60))}; it must be one of ${known}.`,
    );
  }
  return { ...model, id: name };
}
