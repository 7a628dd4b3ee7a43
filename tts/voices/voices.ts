import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpeechError } from '../../src/errors.js';
import type { VoiceInfo } from '../types.js';

/** What a configuration says of a voice: at least its id. */
type VoiceEntry = string | (Partial<VoiceInfo> & { id: string });

/**
 * Lists the voices that a speech model was trained on.
 *
 * @param modelPath - Folder that holds `language-model/config.json`, whose `voices` are listed in
 * the order of the model's voice rows; `defaultVoice` names the default one.
 * @returns The voices, the default one first.
 * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if the list is missing, empty or broken.
 */
export function readVoices(modelPath: string): VoiceInfo[] {
  const path = join(modelPath, 'language-model', 'config.json');
  const config = readConfig(path);
  const entries = config.voices;
  if (!Array.isArray(entries) || entries.length === 0 || !entries.every(isEntry)) {
    throw new SpeechError('MODEL_INVALID', `${path}: voices must be a list of voices with an id.`);
  }
  const voices = entries.map(toVoice);
  const first = voices.findIndex(({ id }) => id === config.defaultVoice);
  return first > 0 ? [voices[first]!, ...voices.filter((_, index) => index !== first)] : voices;
}

function readConfig(path: string): { voices?: unknown; defaultVoice?: unknown } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SpeechError('FILE_NOT_FOUND', `${path} cannot be read.`, { path }, { cause });
  }
  try {
    return JSON.parse(text) as { voices?: unknown };
  } catch (cause) {
    throw new SpeechError('MODEL_INVALID', `${path} is not JSON.`, { path }, { cause });
  }
}

function isEntry(entry: unknown): entry is VoiceEntry {
  return (
    typeof entry === 'string' ||
    (typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string')
  );
}

function toVoice(entry: VoiceEntry): VoiceInfo {
  const given = typeof entry === 'string' ? { id: entry } : entry;
  return {
    id: given.id,
    name: given.name ?? given.id,
    language: given.language ?? 'en-US',
    description: given.description ?? `The voice ${given.id}.`,
  };
}
