import type { CodecProperties } from '../contract.js';
import type { LntHeader, LntTags } from './lnt-header.js';

/**
 * What a token file of a codec says of itself.
 *
 * @param codec - What makes the tokens.
 * @param numCodebooks - Levels that are kept, 1 to the codec's.
 * @param tags - What somebody says about the recording.
 * @param blockSeconds - Length of a block.
 * @returns The header, with blocks of so long or the whole frames within it, at least one.
 */
export function headerOf(
  codec: CodecProperties,
  numCodebooks: number,
  tags: LntTags = {},
  blockSeconds = 1,
): LntHeader {
  const { kind, name, weightsHash, sampleRate, channels, frameSize, cardinality } = codec;
  const level = { frameSize, codebookSize: cardinality };
  return {
    codec: kind,
    name,
    weightsHash,
    sampleRate,
    channels,
    encoderDelay: 0,
    blockLength:
      Math.max(1, Math.floor((blockSeconds * sampleRate) / frameSize + 1e-9)) * frameSize,
    levels: new Array<typeof level>(numCodebooks).fill(level),
    tags,
  };
}
