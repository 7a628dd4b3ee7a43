import { SpeechError } from '../../base/errors.js';
import type { LatentCodecConfig } from '../../codecs/index.js';
import type { FlowConfig } from '../flow/index.js';
import type { LanguageModelConfig } from '../language-model/index.js';

/** What the networks of a folder say of themselves. */
export type ModelFacts = {
  language: LanguageModelConfig;
  flow: FlowConfig;
  codec: LatentCodecConfig;
  /** The phones that the text front end gives, in the order of their indices. */
  phones: readonly string[];
  /** Ids of the voices that are offered. */
  voices: readonly string[];
};

/**
 * Refuses networks that were not trained for each other, which would babble.
 *
 * @param facts - What each says of itself.
 * @param folder - Of the models, for the message.
 * @throws {SpeechError} `MODEL_INVALID`, naming the two parts, the quantity and both values.
 */
export function checkModels(facts: ModelFacts, folder: string): void {
  const { language, flow, codec, phones, voices } = facts;
  const refuse = (first: string, second: string, what: string): never => {
    throw new SpeechError(
      'MODEL_INVALID',
      `${folder}: ${first} and ${second} do not belong together: ${what}.`,
      { first, second },
    );
  };
  const agree = (first: string, second: string, name: string, a: number, b: number): void => {
    if (a !== b) {
      refuse(first, second, `${name} is ${a} in the one and ${b} in the other`);
    }
  };
  const odd = phones.findIndex((phone, index) => phone !== language.phones[index]);
  if (odd >= 0 || phones.length !== language.phones.length) {
    const index = odd < 0 ? phones.length : odd;
    const given = language.phones[index] ?? 'none';
    refuse('language-model', 'the text front end', `phones[${index}] is ${given} in the one`);
  }
  agree('language-model', 'language-model', 'numPhones', language.numPhones, phones.length);
  agree('flow', 'language-model', 'numPhones', flow.numPhones, language.numPhones);
  agree('flow', 'language-model', 'cardinality', flow.cardinality, language.cardinality);
  agree('flow', 'codec', 'latentDim', flow.latentDim, codec.latentDim);
  const frame = language.samplesPerToken / flow.framesPerToken;
  agree('language-model', 'codec', 'samples of a latent frame', frame, codec.frameSize);
  const missing = [
    ['language-model', language.voiceIds] as const,
    ['flow', flow.voiceIds] as const,
  ].flatMap(([part, ids]) => voices.filter((id) => !ids.includes(id)).map((id) => [part, id]));
  if (missing.length > 0) {
    const [part, id] = missing[0]!;
    refuse('voices.json', part!, `the latter has no voice ${id}`);
  }
}
