import { join } from 'node:path';
import { z } from 'zod';
import { readConfig } from '../../base/config-file.js';
import { SpeechError } from '../../base/errors.js';
import type { VoiceInfo } from '../types.js';

const VOICE: z.ZodType<VoiceInfo> = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  name: z.string().min(1),
  language: z.string().min(2),
  accent: z.string().min(1),
  gender: z.enum(['female', 'male', 'neutral']),
  description: z.string().min(1),
  teacher: z.string().min(1),
  licence: z.string().min(1),
  sample: z.string().min(1),
  aliases: z.array(z.string().min(1)),
});

const VOICES = z.strictObject({ default: z.string(), voices: z.array(VOICE).min(1) });

/**
 * Lists the voices of a folder of models.
 *
 * @param modelPath - Folder that holds `voices.json`.
 * @returns The voices, the default one first.
 * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if the file is broken, lists a voice twice
 * or has no default.
 */
export function readVoices(modelPath: string): VoiceInfo[] {
  const path = join(modelPath, 'voices.json');
  const { default: defaultId, voices } = readConfig(path, VOICES);
  const names = voices.flatMap(({ id, aliases }) => [id, ...aliases]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw invalid(path, `${twice} names two voices`);
  }
  const first = voices.find(({ id }) => id === defaultId);
  if (first === undefined) {
    throw invalid(path, `default is ${defaultId}, which is none of the voices`);
  }
  return [first, ...voices.filter((voice) => voice !== first)].map((voice) => ({
    ...voice,
    sample: join(modelPath, voice.sample),
  }));
}

/**
 * Finds a voice's row in a model.
 *
 * @param ids - The model's voices, in the order of its rows.
 * @param voice - Id of a voice.
 * @throws {SpeechError} `VOICE_UNKNOWN`.
 */
export function findVoiceRow(ids: readonly string[], voice: string): number {
  const row = ids.indexOf(voice);
  if (row < 0) {
    throw new SpeechError(
      'VOICE_UNKNOWN',
      `The model has no such voice; it has ${ids.join(', ')}.`,
    );
  }
  return row;
}

function invalid(path: string, problem: string): SpeechError {
  return new SpeechError('MODEL_INVALID', `${path}: ${problem}.`, { path });
}
