import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { SpeechError } from '../../base/errors.js';
import { MAX_SEED, MAX_TEMPERATURE } from '../limits.js';
import { SPEED_RANGE } from '../time-stretch/index.js';

const natural = z.int().nonnegative();
const flowToken = z.object({ token: natural, phone: natural });
const tokens = z.array(flowToken).max(64);

/** What is small of a snapshot; the parts' lengths are in bytes. */
const HEADER = z.object({
  models: z.string(),
  request: z.object({
    voice: z.string(),
    seed: natural.max(MAX_SEED),
    speed: z.number().min(SPEED_RANGE.min).max(SPEED_RANGE.max),
    temperature: z.number().min(0).max(MAX_TEMPERATURE).optional(),
  }),
  job: z.object({
    numPassed: natural,
    numRendered: natural,
    numNatural: natural,
    numMade: natural,
  }),
  tokens,
  gate: z.object({
    held: tokens,
    silence: flowToken.optional(),
    hasSpoken: z.boolean(),
    numClosing: natural,
  }),
  stretch: z.object({
    origin: natural,
    numIn: natural,
    numOut: natural,
    block: natural,
    source: z.int(),
  }),
  language: z.object({ token: natural, numSteps: natural }),
  flow: z.object({ held: tokens, numTokens: natural, numFrames: natural, numPushed: natural }),
  decoder: z.object({ early: natural, numOwed: natural }),
  parts: z.array(natural).length(6),
});

/** Where a stream of speech stands between two sentences: all that it needs to go on elsewhere. */
export type StreamSnapshot = Omit<z.infer<typeof HEADER>, 'parts'> & {
  /** Samples that wait in the time stretch. */
  stretchSamples: Float32Array;
  /** States of the networks, as of `StreamState.snapshot`. */
  languageState: Uint8Array;
  flowState: Uint8Array;
  decoderState: Uint8Array;
  /** Frames of latents that wait for a run, and the last one before them. */
  decoderHeld: Float32Array;
  decoderLast: Float32Array;
};

const MAGIC = 'LNS1';
const CRC_BYTES = 4;
const PREFIX_BYTES = MAGIC.length + 4;

/**
 * Writes a snapshot as bytes: `LNS1`, the length of a JSON header as u32 little-endian, the header, the
 * parts that it gives the lengths of, and the CRC-32 of all that, little-endian.
 *
 * @param snapshot - The snapshot.
 */
export function packSnapshot(snapshot: StreamSnapshot): Uint8Array {
  const { stretchSamples, languageState, flowState, decoderState, decoderHeld, decoderLast } =
    snapshot;
  const parts = [
    bytesOf(stretchSamples),
    languageState,
    flowState,
    decoderState,
    bytesOf(decoderHeld),
    bytesOf(decoderLast),
  ];
  // strips what is no part of the header
  const known = HEADER.parse({ ...snapshot, parts: parts.map(({ length }) => length) });
  const header = Buffer.from(JSON.stringify(known));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const whole = Buffer.concat([
    Buffer.from(MAGIC),
    length,
    header,
    ...parts,
    Buffer.alloc(CRC_BYTES),
  ]);
  const end = whole.length - CRC_BYTES;
  whole.writeUInt32LE(crc32(whole.subarray(0, end)), end);
  return new Uint8Array(whole);
}

/**
 * Reads what {@link packSnapshot} wrote.
 *
 * @param bytes - Any bytes.
 * @param models - What the models are known by.
 * @returns The snapshot; the sizes of the states are not checked against the models.
 * @throws {SpeechError} `STATE_INVALID` if it is none, is damaged, or was taken of other models.
 */
export function unpackSnapshot(bytes: Uint8Array, models: string): StreamSnapshot {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const bodyLength = buffer.length - CRC_BYTES;
  if (bodyLength < PREFIX_BYTES || buffer.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw invalid('is no snapshot of a speech: it does not begin with LNS1');
  }
  if (crc32(buffer.subarray(0, bodyLength)) !== buffer.readUInt32LE(bodyLength)) {
    throw invalid('is damaged or cut short: its checksum is wrong');
  }
  const end = PREFIX_BYTES + buffer.readUInt32LE(MAGIC.length);
  if (end > bodyLength) {
    throw invalid('is damaged');
  }
  const result = HEADER.safeParse(parseJson(buffer.toString('utf8', PREFIX_BYTES, end)));
  if (!result.success) {
    throw invalid('is damaged');
  }
  const { parts, ...header } = result.data;
  if (header.models !== models) {
    throw invalid('was taken of other models');
  }
  if (parts.reduce((sum, length) => sum + length, end) !== bodyLength) {
    throw invalid('is damaged');
  }
  let start = end;
  const [stretch, languageState, flowState, decoderState, held, last] = parts.map((length) => {
    start += length;
    // a copy, since floats want aligned offsets
    return new Uint8Array(buffer.subarray(start - length, start));
  }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return {
    ...header,
    stretchSamples: floatsOf(stretch),
    languageState,
    flowState,
    decoderState,
    decoderHeld: floatsOf(held),
    decoderLast: floatsOf(last),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

function floatsOf(bytes: Uint8Array): Float32Array {
  if (bytes.length % 4 !== 0) {
    throw invalid('is damaged');
  }
  return new Float32Array(bytes.buffer);
}

function invalid(what: string): SpeechError {
  return new SpeechError('STATE_INVALID', `resume ${what}; it must be what a flush gave.`, {
    param: 'resume',
  });
}
