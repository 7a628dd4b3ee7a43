import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import { SpeechError, toSpeechError } from '../../../base/errors.js';
import { decodeLnt } from '../../../codecs/lnt/decode-lnt.js';
import { encodeLnt } from '../../../codecs/lnt/encode-lnt.js';
import { LNT_CONTENT_TYPE, SPEECH_SAMPLE_RATE } from '../../audio/formats.js';
import { openAudio } from '../../audio/read-audio.js';
import { codeTablesOf, findCodeTables } from '../../files/code-tables.js';
import { withSpooledFile } from '../../files/spooled-file.js';
import type { ServerContext } from '../context.js';
import { addFacts } from '../request-log.js';
import {
  parseDecodeRequest,
  parseEncodeRequest,
  type DecodeRequest,
  type EncodeRequest,
  type Fields,
} from './codec-request.js';
import { countSamples, recordCodecRun, runCodec, sendAll, type CodecRun } from './codec-run.js';
import { peek } from './peek.js';

/** Boxes that files of the MP4 family begin with; their index may stand at the end. */
const MP4_BOXES: ReadonlySet<string> = new Set(['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip']);
const BOX_BYTES = 8;

/**
 * `POST /v1/audio/encode`: audio in, the bytes of a `.lnt` file out, both while they come.
 *
 * @param context - The server.
 * @param stopping - Aborts every response when the server has waited long enough.
 * @returns The route's handler.
 */
export function encodeRoute(context: ServerContext, stopping: AbortSignal): RequestHandler {
  return async (request: Request, response: Response) => {
    const query = fieldsOf(request);
    // told before the body is asked for
    parseEncodeRequest(query);
    await runCodec(context, stopping, request, response, async (run) => {
      await encode(run, parseEncodeRequest({ ...query, ...run.body.fields }));
    });
  };
}

/**
 * `POST /v1/audio/decode`: the bytes of a `.lnt` file in, audio out, both while they come.
 *
 * @param context - The server.
 * @param stopping - Aborts every response when the server has waited long enough.
 * @returns The route's handler.
 */
export function decodeRoute(context: ServerContext, stopping: AbortSignal): RequestHandler {
  return async (request: Request, response: Response) => {
    const query = fieldsOf(request);
    parseDecodeRequest(query);
    await runCodec(context, stopping, request, response, async (run) => {
      await decode(run, parseDecodeRequest({ ...query, ...run.body.fields }));
    });
  };
}

/** The first value of each field of the address. */
function fieldsOf({ originalUrl }: Request): Fields {
  const query = new URLSearchParams(originalUrl.split('?', 2)[1]);
  return Object.fromEntries([...query].reverse());
}

async function encode(run: CodecRun, request: EncodeRequest): Promise<void> {
  const { codec: kind, levels, tags, entropy } = request;
  const codec = await run.context.codecs.load(kind);
  const { numCodebooks } = codec;
  if (levels !== undefined && levels > numCodebooks) {
    throw new SpeechError(
      'BODY_INVALID',
      `levels is ${levels}; ${kind} has ${numCodebooks}, of which 1 or more can be kept.`,
      { param: 'levels' },
    );
  }
  addFacts(run.response, { codec: kind, levels: levels ?? numCodebooks });
  const options = {
    tags,
    ...(entropy ? { tables: codeTablesOf(kind) } : {}),
    ...(levels === undefined ? {} : { numCodebooks: levels }),
  };
  const { head, bytes } = await peek(run.body.bytes, BOX_BYTES);
  const send = async (input: string | Readable) => {
    const samples = openAudio(input, {
      sampleRate: codec.sampleRate,
      signal: run.signal,
      onWarning: (warning) => run.warnings.push(warning),
    });
    const counted = countSamples(run, samples, codec.sampleRate);
    await sendAll(run, encodeLnt(codec, counted, options), LNT_CONTENT_TYPE);
  };
  await (MP4_BOXES.has(Buffer.from(head).toString('latin1', 4, BOX_BYTES))
    ? withSpooledFile(bytes, 'the audio', send)
    : send(Readable.from(bytes, { objectMode: false })));
  recordCodecRun(run, 'encode', codec.sampleRate);
}

async function decode(run: CodecRun, request: DecodeRequest): Promise<void> {
  const { format, startSeconds, durationSeconds, force, strict } = request;
  const { context, response, signal } = run;
  addFacts(response, { format: format.name });
  const toSamples = (seconds: number) => Math.round(seconds * SPEECH_SAMPLE_RATE);
  const samples = decodeLnt(
    ({ codec: kind, levels }) => {
      addFacts(response, { codec: kind, levels: levels.length });
      return context.codecs.load(kind);
    },
    run.body.bytes,
    {
      startSample: toSamples(startSeconds),
      ...(durationSeconds === undefined
        ? {}
        : { numSamples: Math.max(1, toSamples(durationSeconds)) }),
      force,
      strict,
      findTables: findCodeTables,
      onWarning: (warning) => run.warnings.push(warning),
    },
  );
  const encoder = context.encoders.take(format);
  try {
    await pipeline(
      countSamples(run, samples, SPEECH_SAMPLE_RATE),
      encoder,
      (bytes: AsyncIterable<Buffer>) => sendAll(run, bytes, format.contentType),
      { signal },
    );
  } catch (thrown) {
    throw toSpeechError(thrown);
  }
  recordCodecRun(run, 'decode', SPEECH_SAMPLE_RATE);
}
