import type { CodecKind, CodecProperties } from './contract.js';

/** What a codec promises, as properties of its object. */
export class Described implements CodecProperties {
  readonly kind: CodecKind;
  readonly name: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly frameSize: number;
  readonly frameRate: number;
  readonly numCodebooks: number;
  readonly cardinality: number;
  readonly weightsHash: string;

  /** @param properties - Copied; whatever else the object holds is left out. */
  constructor(properties: CodecProperties) {
    this.kind = properties.kind;
    this.name = properties.name;
    this.sampleRate = properties.sampleRate;
    this.channels = properties.channels;
    this.frameSize = properties.frameSize;
    this.frameRate = properties.frameRate;
    this.numCodebooks = properties.numCodebooks;
    this.cardinality = properties.cardinality;
    this.weightsHash = properties.weightsHash;
  }
}
