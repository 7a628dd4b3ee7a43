import express, { type Express, type RequestHandler } from 'express';
import { SpeechError } from '../../base/errors.js';
import { expectWholeBody, leaveUnreadBodies } from './body-guards.js';
import { captionsRoute } from './captions-route.js';
import {
  listAudioModels,
  listModels,
  listVoices,
  sendVoiceSample,
  showModel,
} from './catalogue-routes.js';
import { decodeRoute, encodeRoute } from './codec/codec-routes.js';
import type { ServerContext } from './context.js';
import { sendDecoder } from './decoder-route.js';
import { deepgramSpeakRoute, toDeepgramError } from './deepgram/speak-route.js';
import { toElevenLabsError } from './elevenlabs/error-body.js';
import { elevenLabsSpeechRoute, type ElevenLabsForm } from './elevenlabs/speech-routes.js';
import { listElevenLabsVoices } from './elevenlabs/voices-route.js';
import { handleErrors } from './error-handler.js';
import { showHealth, showMetrics, showReadiness } from './health-routes.js';
import { showOpenApi } from './openapi/openapi-route.js';
import { createPageRoutes } from './page-route.js';
import { JSON_BYTES_PER_CHARACTER } from './parse-body.js';
import { countRequests, logRequests } from './request-log.js';
import { allowOrigins, requireApiKey, setSecurityHeaders } from './security.js';
import { speechRoute } from './speech-route.js';

// a dictionary is the largest of them
const OTHER_FIELDS_BYTES = 262_144;

const ELEVENLABS_FORMS: readonly (readonly [string, ElevenLabsForm])[] = [
  ['', 'whole'],
  ['/stream', 'stream'],
  ['/with-timestamps', 'whole-with-timestamps'],
  ['/stream/with-timestamps', 'stream-with-timestamps'],
];

const VOICES_PATHS = [...api('/voices'), '/v2/voices'];

/**
 * Puts the HTTP interface together; docs/http-api.md describes it.
 *
 * @param context - What the routes share.
 * @param stopping - Aborts every response.
 * @returns The Express application.
 */
export function createApp(context: ServerContext, stopping: AbortSignal): Express {
  const { corsOrigins, maxInput } = context.options;
  const app = express();
  // answers differ from call to call, and hashing them for an ETag would hold the first byte back
  app.disable('etag');
  app.use(
    logRequests(context),
    countRequests(context),
    leaveUnreadBodies(),
    closeConnections(context),
    setSecurityHeaders(corsOrigins),
    ...allowOrigins(corsOrigins),
  );

  const { showPage, sendPageFile } = createPageRoutes();
  app.route('/').get(showPage).all(refuseMethod('GET'));
  app.route('/page/:file').get(sendPageFile).all(refuseMethod('GET'));
  app.route('/healthz').get(showHealth(context)).all(refuseMethod('GET'));
  app.route('/readyz').get(showReadiness(context)).all(refuseMethod('GET'));
  app.route('/openapi.json').get(showOpenApi()).all(refuseMethod('GET'));

  const guard = requireApiKey(context.callers);
  app.route('/metrics').get(guard, showMetrics(context)).all(refuseMethod('GET'));
  app.route(api('/models')).get(guard, listModels()).all(refuseMethod('GET'));
  app.route(api('/models/:id')).get(guard, showModel()).all(refuseMethod('GET'));
  app.route(api('/audio/models')).get(guard, listAudioModels()).all(refuseMethod('GET'));
  app.route(api('/audio/voices')).get(guard, listVoices(context)).all(refuseMethod('GET'));
  app
    .route(api('/audio/voices/:id/sample'))
    .get(guard, sendVoiceSample(context))
    .all(refuseMethod('GET'));
  app.route(api('/audio/decoder/:file')).get(guard, sendDecoder(context)).all(refuseMethod('GET'));

  app
    .route(api('/audio/encode'))
    .post(guard, encodeRoute(context, stopping))
    .all(refuseMethod('POST'));
  app
    .route(api('/audio/decode'))
    .post(guard, decodeRoute(context, stopping))
    .all(refuseMethod('POST'));

  const parseJson = [
    expectWholeBody(),
    express.json({ limit: maxInput * JSON_BYTES_PER_CHARACTER + OTHER_FIELDS_BYTES }),
  ];
  app
    .route(api('/audio/speech'))
    .post(guard, parseJson, speechRoute(context, stopping))
    .all(refuseMethod('POST'));

  for (const [path, form] of ELEVENLABS_FORMS) {
    app
      .route(api(`/text-to-speech/:voice${path}`))
      .post(guard, parseJson, elevenLabsSpeechRoute(context, stopping, form))
      .all(refuseMethod('POST'));
  }
  app.route(VOICES_PATHS).get(guard, listElevenLabsVoices(context)).all(refuseMethod('GET'));
  app.route(api('/speak')).post(guard, parseJson, deepgramSpeakRoute(context, stopping));
  app
    .route([
      ...api('/audio/speech/live'),
      ...api('/speak'),
      ...api('/text-to-speech/:voice/stream-input'),
      ...api('/text-to-speech/:voice/multi-stream-input'),
    ])
    .all(requireUpgrade());

  app.use(api('/speak'), handleErrors(context, toDeepgramError));
  app.use([...api('/text-to-speech'), ...VOICES_PATHS], handleErrors(context, toElevenLabsError));
  app
    .route(api('/audio/captions'))
    .post(guard, parseJson, captionsRoute(context, stopping))
    .all(refuseMethod('POST'));

  app.use(() => {
    throw new SpeechError('ROUTE_NOT_FOUND', 'There is nothing at this address.');
  });
  app.use(handleErrors(context));
  return app;
}

/** While the server shuts down, no connection is kept for a next request. */
function closeConnections({ admission }: ServerContext): RequestHandler {
  return (_, response, next) => {
    if (admission.isClosed) {
      response.setHeader('Connection', 'close');
    }
    next();
  };
}

/** An address of the API, also without `/v1`, as base addresses of clients may lack it. */
function api(path: string): string[] {
  return [`/v1${path}`, path];
}

function refuseMethod(allowed: 'GET' | 'POST'): RequestHandler {
  return (request, response) => {
    response.setHeader('Allow', allowed);
    throw new SpeechError('METHOD_NOT_ALLOWED', `Use ${allowed}, not ${request.method}.`);
  };
}

function requireUpgrade(): RequestHandler {
  return (_, response) => {
    response.setHeader('Upgrade', 'websocket');
    throw new SpeechError('UPGRADE_REQUIRED', 'Open this address as a WebSocket.');
  };
}
