/** A mistake that a person could make, put into the code to see whether a test notices it. */
export type Fault = {
  /** The source, from the package's folder. */
  file: string;
  /** What stands there, exactly once. */
  before: string;
  /** What stands there instead. */
  after: string;
  /** What goes wrong then. */
  harm: string;
};

/** The faults, by file. */
export const FAULTS: readonly Fault[] = [
  ...pick('tts/pipeline/speech-job.ts', [
    ['finish(decoded);', '', 'no clipping, and NaN goes out'],
    ['if (!(sample >= -1)) {', 'if (sample < -1) {', 'NaN goes out'],
    ['sample > 1)', 'sample > 2)', 'loud samples are not clipped'],
    ['{ voice, seed, temperature })', '{ voice, seed })', 'temperature dropped by the job'],
    ['TOKEN_SECONDS / 2;', 'TOKEN_SECONDS / 4;', 'words 10 ms late'],
    ['this.#numPassed - 1)', 'this.#numPassed)', 'words a token late'],
    [
      'const seconds = this.#secondsOf(this.#numPassed);',
      'const seconds = this.#secondsOf(this.#numPassed - 1);',
      'the last word of a sentence ends a token early',
    ],
    ['this.#numPassed += this.#gate.rest(this.#tokens);', '', 'a flush cuts the last word'],
    ['words[wordIndex]?.start ?? -1', 'words[-1]?.start ?? -1', 'no mark where a word begins'],
    ['this.#isResting && ', 'false && ', 'silence after the last flush'],
    ['if (!this.#isRunning) {', 'if (this.#isRunning) {', 'cancelled states are never freed'],
    [
      'if (this.#isDone) {\n      this.#close();\n    }',
      '',
      'states of a speech that ended are never freed',
    ],
    [
      'isLast ? joinSamples([samples, this.#stretch.flush()]) : samples',
      'samples',
      'the end is lost when stretched',
    ],
    ['this.#numConsumed += numSamples', 'this.#numConsumed = numSamples', 'a long text stalls'],
    [
      'this.#startSeconds = Math.max(this.#startSeconds, performance.now() / 1000 - spokenSeconds);',
      '',
      'a late job comes first for ever',
    ],
    [
      'startSeconds: this.#stretch.mapSeconds(Math.min(startSeconds, endSeconds))',
      'startSeconds: Math.min(startSeconds, endSeconds)',
      'words begin as if speed were 1',
    ],
    [
      'if (this.#isDone) {\n      // cancelled in the meantime: nobody listens\n      return;\n    }',
      '',
      'a chunk after the cancellation',
    ],
    ['if (!this.#isTextWanted && ', 'if (', 'text is asked for again and again'],
    ['Math.max(0, this.#lookahead - this.#numRendered)', '0', 'the first chunk is empty'],
  ]),
  ...pick('tts/pipeline/chunk-sizes.ts', [
    ['this.next * GROWTH', 'this.next', 'chunks never grow'],
    [
      'Math.ceil(TOKENS_PER_LISTENER * numOthers)',
      '0',
      'the first of many streams runs dry at once',
    ],
  ]),
  ...pick('tts/pipeline/token-gate.ts', [
    ['> KEPT_CLOSING', '>= KEPT_CLOSING', 'the last silence is 40 ms short'],
    ['this.#held.splice(0)', 'this.#held.slice()', 'a pause is spoken twice'],
  ]),
  ...pick('tts/pipeline/sentence.ts', [
    ['pointer > this.#lastSpoken', 'pointer >= this.#lastSpoken', 'the last phone is cut'],
    [
      'wordIndex >= 0 ? MAX_PHONE_STEPS : MAX_PAUSE_STEPS',
      'wordIndex >= 0 ? MAX_PAUSE_STEPS : MAX_PHONE_STEPS',
      'limits of phones and pauses swapped',
    ],
    [
      'if (this.#isFirst && index < this.#firstSpoken) {',
      'if (this.#isFirst) {',
      'phones of the first sentence cut short',
    ],
    ['ahead >= LOOKAHEAD_PHONES', 'true', 'words settled before what follows is known'],
    ['!mayReadOn || ', '', 'plain words wait like numbers'],
    [' && isInPlace;', ';', 'words said twice where a sentence is cut'],
    ['skip: from - start', 'skip: 0', 'phones encoded of another place'],
    ['Math.round(share * ', 'Math.round(0 * ', 'no marks within a word'],
  ]),
  ...pick('tts/pipeline/sentence-queue.ts', [
    ['of await this.#text.flush()', 'of []', 'the last sentence is lost'],
    ['this.#pushes.push(push);', 'this.#pushes[0] = push;', 'text pushed in the meantime is lost'],
    ['new Sentence(!this.#hasAny,', 'new Sentence(false,', 'a long opening silence'],
    [
      '} else if (this.#options.isLive) {',
      '} else if (false) {',
      'live text waits for its sentence',
    ],
    ['if (isSettled && ', 'if (false && ', 'text after a cut said twice'],
    ['this.#error = error;', '', 'a broken text is not broken the second time'],
  ]),
  ...pick('tts/pipeline/make-tokens.ts', [
    ['prepared.filter(({ job }) => !job.isDone)', 'prepared', 'a cancelled job runs on'],
  ]),
  ...pick('tts/pipeline/make-audio.ts', [
    ['isLast: result.isOver', 'isLast: piece.isLast', 'on slots the end of the audio is lost'],
    [' || result.isOver ?', ' ?', 'on slots a speech never ends'],
  ]),
  ...pick('tts/pipeline/word-clock.ts', [
    ['.endSeconds <= seconds', '.endSeconds < seconds', 'a word comes a chunk late'],
    ['words);\n    this.#numSeen = 0;', 'words);', 'the second sentence has no words'],
    ['Math.max(startSeconds, seconds)', 'startSeconds', 'words last no time'],
  ]),
  ...pick('tts/pipeline/scheduler.ts', [
    [
      'a.deadlineSeconds - b.deadlineSeconds',
      'b.deadlineSeconds - a.deadlineSeconds',
      'the one in a hurry comes last',
    ],
    ['.slice(0, maxBatch)', '', 'too many jobs in a run'],
    ["task === 'audio' || jobs.length === 1", 'jobs.length === 1', 'audio is made twice'],
    ['if (job.isDone) {', 'if (job.isDone && ready.length > 1) {', 'jobs that ended are kept'],
    ['job.fail(error);', '', 'a failed job hangs'],
  ]),
  ...pick('tts/pipeline/check-models.ts', [
    [
      "agree('flow', 'codec', 'latentDim', flow.latentDim, codec.latentDim);",
      '',
      'a codec of other latents is taken',
    ],
    ['!ids.includes(id)', 'ids.includes(id)', 'good voices are refused'],
  ]),
  ...pick('engine/client/engine.ts', [
    [
      'return { voice, seed, speed, temperature };',
      'return { voice, seed, speed, temperature: undefined };',
      'temperature dropped by the engine',
    ],
    ["signal?.removeEventListener('abort', onAbort);", '', 'a listener left at the signal of load'],
    [
      'await connection.close();\n      checkCancelled();',
      'await connection.close();',
      'a cancelled load says ENGINE_CLOSED',
    ],
    [' || seed > MAX_SEED', '', 'seeds beyond 32 bits are taken'],
    [
      'temperature <= MAX_TEMPERATURE',
      'temperature < MAX_TEMPERATURE',
      'the highest temperature is refused',
    ],
    ['this.#isClosed = true;', '', 'a closed engine starts again'],
    ['if (!this.#connection.isAlive) {', 'if (this.#isClosed) {', 'no new worker after a crash'],
  ]),
  ...pick('engine/client/connection.ts', [
    ['this.#listeners.delete(speech);', '', 'listeners are never forgotten'],
    ['      reject(error);\n', '      void reject;\n', 'calls hang after a crash'],
    ['clearTimeout(timer);', '', 'a timer keeps the process alive'],
    ['listener.fail(failure);', '', 'a speech in a dead worker hangs'],
    ['this.#calls.delete(call);', '', 'calls are never forgotten'],
  ]),
  ...pick('engine/client/speech.ts', [
    [
      "this.#started?.connection.send({ type: 'cancel', speech: this.#speech });",
      '',
      'cancellations are not sent',
    ],
    [
      "this.#signal?.removeEventListener('abort', this.#onAbort);",
      '',
      'a listener left at the signal',
    ],
    ['this.#started?.connection.forget(this.#speech);', '', 'speeches are never forgotten'],
    ['this.#started?.text.close();', '', 'the source of the text is left open'],
    [
      'if (chunk !== undefined) {\n      this.#reportConsumed(chunk);',
      'if (chunk !== undefined) {',
      'the engine is not told that chunks were taken',
    ],
    [
      'const error = this.#error;\n      this.#error = undefined;',
      'const error = this.#error;',
      'an error is told again and again',
    ],
    [
      'if (this.#isFinished) {\n        started.text.close();',
      'if (this.#isFinished) {',
      'the source of a text that was left early is not closed',
    ],
  ]),
  ...pick('engine/client/text-source.ts', [
    ['end >= this.#text.length };', 'end > this.#text.length };', 'a text never ends'],
    [
      'this.#text = value;\n      this.#offset = 0;',
      'this.#text = value;',
      'later pieces lose their beginning',
    ],
    ['pieces?.return?.()', 'undefined', 'the iterable is not told that nobody reads on'],
  ]),
  ...pick('engine/client/remote-codec.ts', [
    ['ownSamples(pcm), options)', 'ownSamples(pcm))', 'numCodebooks dropped by encode'],
    [
      "call('openEncoder', this.kind, options)",
      "call('openEncoder', this.kind)",
      'numCodebooks dropped by the stream',
    ],
    [
      "await opened.connection.call('closeStream', opened.id);",
      '',
      'streams in the worker are never closed',
    ],
  ]),
  ...pick('engine/client/segment-speech.ts', [
    ['this.#numSamples += length;', '', 'words after a pause come early'],
    ['this.#isClosed = true;', '', 'a document goes on when it was left'],
  ]),
  ...pick('engine/client/speak-dictionaries.ts', [
    [
      "this.#send({ type: 'forgetDictionary', dictionary: oldest[1] });",
      '',
      'the worker keeps all dictionaries',
    ],
    ['this.#sent.delete(dictionary);\n', '', 'a dictionary in use is dropped for an idle one'],
    [
      'list.length > MAX_DICTIONARIES',
      'list.length >= MAX_DICTIONARIES',
      'eight dictionaries are refused',
    ],
  ]),
  ...pick('engine/worker/worker.ts', [
    [
      'this.#scheduler?.get(command.speech)?.cancel();\n        this.#scheduler?.remove(command.speech);',
      '',
      'the worker ignores cancellations',
    ],
    [
      "case 'cancel':\n        this.#waiting.delete(command.speech);",
      "case 'cancel':",
      'a speech cancelled while loading is spoken',
    ],
    ['numSamples);\n        this.#scheduler?.wake();', 'numSamples);', 'a long text stalls'],
    ['this.#speech = undefined;', '', 'models that were missing once are missing for ever'],
    ['job.fail(error);', '', 'a text that is refused hangs'],
  ]),
  ...pick('engine/worker/codecs.ts', [
    [
      'loading.catch(() => this.#codecs.delete(kind));',
      'loading.catch(() => undefined);',
      'a codec that was missing once is missing for ever',
    ],
    ['return opened.close();', '', 'states of closed streams are never freed'],
  ]),
  ...pick('src/server/admission.ts', [
    ['clearTimeout(timer);', '', 'a timer left for each that waited'],
    ['entering.abort(LATE);', 'entering.abort();', 'late is said to be the end'],
    ['this.paused >= maxPaused', 'this.paused > maxPaused', 'one paused response too many'],
    ['priority: -deadlineMs()', 'priority: deadlineMs()', 'the one in a hurry comes last'],
    ['this.#entering.delete(entering);', '', 'those who left still wait'],
    ['if (signal.aborted) {\n      cancel();\n    }', '', 'a client that has left gets a turn'],
    ['if (isOver) {\n          taken();', 'if (isOver) {', 'a turn is lost'],
    ["signal.removeEventListener('abort', cancel);", '', 'a listener left at the signal'],
  ]),
  ...pick('src/server/app.ts', [
    ["response.setHeader('Connection', 'close');", '', 'connections are kept while it shuts down'],
    ["app.disable('etag');", '', 'answers are hashed'],
    ['.get(guard, showMetrics(context))', '.get(showMetrics(context))', 'metrics without a key'],
    ["response.setHeader('Allow', allowed);", '', 'a 405 without Allow'],
  ]),
  ...pick('src/server/catalogue-routes.ts', [
    ['sample: undefined,', '', 'paths of the machine are told'],
    ["=== 'true'", "!== 'true'", 'the legacy list for everybody else'],
  ]),
  ...pick('src/server/error-handler.ts', [
    ['status === 503 || status === 429', 'status === 429', 'no Retry-After'],
    [
      'response.destroy();\n      return;',
      'response.end();\n      return;',
      'half an answer looks whole',
    ],
    ['countFailure(metrics, error.code);', '', 'failures are not counted'],
  ]),
  ...pick('src/server/health-routes.ts', [
    ['refusal?.status ?? 200', '200', 'ready while it shuts down'],
    ["admission.isClosed ? 'shutting down' : 'ok'", "'ok'", 'it does not say that it shuts down'],
  ]),
  ...pick('src/server/metrics.ts', [
    ['if (REFUSALS.has(code)) {', 'if (code) {', 'all failures are refusals'],
    ['this.set(admission.waiting);', 'this.set(admission.running);', 'a wrong gauge'],
  ]),
  ...pick('src/server/models.ts', [
    ['id === undated', 'id === name', 'models with a date are not found'],
  ]),
  ...pick('src/server/openai-error.ts', [['PARAMS[code] ?? null', 'null', 'errors name no field']]),
  ...pick('src/server/options.ts', [
    ['.map((part) => part.trim())', '', 'a space makes another origin'],
    [" || value === ''", '', 'an empty variable counts as set'],
    [' && !isLoopback(host)', ' && false', 'everybody is served without a key'],
    ["host.startsWith('127.')", 'true', 'an address of the network counts as loopback'],
    ['new Set(keys).size < keys.length', 'false', 'a key of two callers'],
    ["name === 'apiKey' || name === 'apiKeys'", 'false', 'a key in a message'],
  ]),
  ...pick('src/server/caller-limits.ts', [
    ['numOpen >= this.#maxPerKey', 'false', 'one caller may have all'],
    ['await this.#rates?.consume(name);', '', 'no limit to the rate'],
    ['this.#leave(name);', '', 'speeches of a caller are never over'],
    [
      'this.#numOpen.get(name) ?? 0;',
      '[...this.#numOpen.values()][0] ?? 0;',
      'callers share a limit',
    ],
  ]),
  ...pick('src/server/turn-queue.ts', [
    ['this.#first.delete(caller);\n    this.#keep', 'this.#keep', 'one caller after the other'],
  ]),
  ...pick('src/server/playback.ts', [
    ['Math.max(this.#heardMs, this.#owedMs)', 'this.#heardMs', 'silence of the client counts'],
    ["this.#underrunMs > 0 ? 'broken' : 'unbroken'", "'unbroken'", 'no stream is broken'],
    ['this.#isEnded || this.#lastMs === 0', 'this.#isEnded', 'streams without audio count'],
  ]),
  ...pick('src/server/api-keys.ts', [
    [' || rest.length > 0', '', 'what follows a key is passed over'],
    ['if (keys.length === 0) {', 'if (keys.length < 0) {', 'no keys, and all are let in'],
  ]),
  ...pick('src/server/callers.ts', [
    ['found = caller;', 'found ??= this.#keys[0]!.caller;', 'all callers are one'],
    ['if (timingSafeEqual(key, digest)) {', 'if (key) {', 'any key is right'],
    ["headers.upgrade?.toLowerCase() === 'websocket'", 'true', 'keys in addresses'],
    ["headers['xi-api-key'] ?? ''", "''", 'no xi-api-key'],
  ]),
  ...pick('src/server/request-log.ts', [
    ['REQUEST_ID.test(given)', "given !== ''", 'harmful request ids are taken'],
    [
      'response.writableFinished ? response.statusCode : (brokenWith ?? CLIENT_LEFT)',
      'response.statusCode',
      'clients that left count as served',
    ],
  ]),
  ...pick('src/server/response-writer.ts', [
    ["signal.removeEventListener('abort', stop);", '', 'a listener left for each wait'],
    [
      'response.write(data) ? undefined :',
      'response.write(data) || true ? undefined :',
      'audio piles up for a slow client',
    ],
    [
      'if (options.signal.aborted || response.destroyed) {',
      'if (options.signal.aborted && response.destroyed) {',
      'it writes to a client that left',
    ],
  ]),
  ...pick('src/server/security.ts', [
    ["response.setHeader('WWW-Authenticate', 'Bearer');", '', 'a 401 without WWW-Authenticate'],
  ]),
  ...pick('src/server/server.ts', [
    [
      'encoders.close();\n    clearTimeout(timer);',
      'encoders.close();',
      'a timer keeps the process alive',
    ],
    ['await engine.close();', '', 'the engine is left open'],
    ['admission.close();', '', 'new requests while it shuts down'],
    ["host.includes(':')", "host.includes('::::')", 'a wrong address for IPv6'],
  ]),
  ...pick('src/server/speech-request.ts', [
    ['tuning.temperature = fields.temperature;', '', 'temperature dropped by the server'],
    ['tuning.seed = fields.seed;', '', 'seed dropped by the server'],
    ['min(0).max(MAX_TEMPERATURE)', 'min(0)', 'temperatures above 2 are taken'],
  ]),
  ...pick('src/server/speech-route.ts', [
    ['await sendWords();\n  const inputTokens', 'const inputTokens', 'the last words are not told'],
    ['* request.speed;', ';', 'wrong usage at other speeds'],
  ]),
  ...pick('src/server/speech-run.ts', [
    ["stopping.removeEventListener('abort', end);", '', 'a listener left for each response'],
    ['turn?.end();', '', 'turns are never given back'],
    ['options.temperature = temperature;', '', 'temperature dropped by the route'],
    ["response.once('close', end);", '', 'speaks on when the client has left'],
    ['}, speechSeconds);', '}, 0);', 'speech is not counted'],
  ]),
  ...pick('src/server/elevenlabs/character-clock.ts', [
    ['this.#tell(character, mark.seconds);', '', 'characters are late by a mark'],
    ['this.#hasOpenWord ? 0 : spaces.indexOf(false)', 'spaces.indexOf(false)', 'words end unseen'],
    ['this.#takenMs = endMs;', '', 'times that do not add up'],
    [
      'Math.max(Math.round(seconds * 1000), originMs)',
      'Math.round(seconds * 1000)',
      'times before the stretch',
    ],
  ]),
  ...pick('src/server/elevenlabs/spoken-context.ts', [
    [
      'this.#clock.complete(this.#flushOffsets.get(flush));',
      '',
      'a flush does not tell the last characters',
    ],
    ['hasCharacters : endsWord', 'hasCharacters : hasCharacters', "Pipecat's clock goes wrong"],
    ["|| (this.#settings.autoMode && text !== '')", '', 'auto mode waits'],
  ]),
  ...pick('src/server/elevenlabs/socket-loop.ts', [
    ['timer.refresh();', '', 'a socket that is used times out'],
    ["live.callers.findKey([message.apiKey ?? ''])", "{ name: 'anyone' }", 'sockets without a key'],
  ]),
  ...pick('src/server/elevenlabs/stream-input.ts', [
    [
      "message.text === '' && !flush",
      "message.text === ''",
      'a flush without text ends the speech',
    ],
    ["isFirst && text === OPENING_TEXT ? '' : text", 'text', 'the opening space is spoken'],
  ]),
  ...pick('src/server/elevenlabs/multi-stream-input.ts', [
    [
      "known === undefined && text === ''",
      "known === undefined && text === '~'",
      'a sign of life opens a context',
    ],
    ['known?.timer.refresh();', '', 'a context that is used times out'],
    [
      'message.hasVoiceSettings && this.#open.has(contextId)',
      'false',
      'voice settings that do nothing',
    ],
    ['this.#open.delete(contextId);', '', 'a socket that is never closed'],
  ]),
  ...pick('src/server/elevenlabs/speech-routes.ts', [
    ['clock.complete();\n  if (clock', 'if (clock', 'the last characters are not told'],
    ['(originMs + ms) / 1000', 'ms / 1000', 'times from the start of a piece'],
  ]),
  ...pick('src/server/elevenlabs/speech-request.ts', [
    ['request.seed = fields.seed;', '', 'seed dropped'],
  ]),
  ...pick('src/server/captions-route.ts', [
    ['await pause(run);', '', 'captions of a long text hold up all others'],
    ['run.numSamples / SPEECH_SAMPLE_RATE', 'Infinity', 'the last caption outlasts the speech'],
  ]),
  ...pick('src/server/warnings.ts', [
    ['.slice(0, MAX_LENGTH)', '', 'a header that proxies refuse'],
    [
      "/[^\\x20-\\x7e]/g, '?'",
      "/[^\\x20-\\x7e]/, '?'",
      'a header with other characters than ASCII',
    ],
  ]),
  ...pick('src/server/dictionary-files.ts', [
    ['file.version = version;', '', 'files are read again and again'],
    ['this.#checking = undefined;', '', 'the second change is not seen'],
  ]),
];

function pick(file: string, faults: readonly (readonly [string, string, string])[]): Fault[] {
  return faults.map(([before, after, harm]) => ({ file, before, after, harm }));
}
