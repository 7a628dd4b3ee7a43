import type { VoiceInfo } from '../../tts/types.js';

/**
 * A voice for tests.
 *
 * @param id - Its id.
 * @param aliases - Other names.
 */
export function testVoice(id: string, aliases: string[] = []): VoiceInfo {
  return {
    id,
    name: id,
    language: 'en-US',
    accent: 'American',
    gender: 'neutral',
    description: 'A test.',
    teacher: 'nobody',
    licence: 'Apache-2.0',
    sample: `voices/${id}.wav`,
    aliases,
  };
}
