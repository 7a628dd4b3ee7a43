import { ApiError, postSpeech } from './api.js';

/** Some proxies neither open a WebSocket nor refuse it. */
const OPEN_TIMEOUT_MS = 3_000;

/** The server takes a long text in pieces; each is shorter than it allows unless it was told otherwise. */
const PIECES = /[^]{1,2000}(?=\s|$)|[^]{1,2000}/gu;

/**
 * Speaks, over a WebSocket or, where none can be opened, over HTTP.
 *
 * `request` has `input`, `voice` and `speed`. Gives `{ audio }`, bytes of 16-bit PCM at 24 kHz, and
 * `{ words }`, a list of `{ word, start, end }`, in seconds. Fails with an `ApiError`, or an
 * `AbortError` by the signal.
 */
export async function* speak(request, key, signal) {
  const live = await openLive(key, signal);
  yield* live === undefined ? speakEvents(request, key, signal) : speakLive(live, request, signal);
}

/** Opens the socket of docs/live.md. Gives nothing if that fails. */
function openLive(key, signal) {
  return new Promise((resolve, reject) => {
    const url = new URL('v1/audio/speech/live', document.baseURI);
    url.protocol = url.protocol.replace('http', 'ws');
    let socket;
    try {
      socket = new WebSocket(url, key === '' ? [] : ['token', key]);
    } catch {
      // the key has characters that no header of an upgrade may have
      resolve(undefined);
      return;
    }
    socket.binaryType = 'arraybuffer';
    const finish = (result) => {
      clearTimeout(timer);
      socket.onmessage = socket.onclose = null;
      if (result === undefined) socket.close();
      resolve(result);
    };
    const timer = setTimeout(finish, OPEN_TIMEOUT_MS);
    socket.onmessage = () => finish(socket);
    socket.onclose = () => finish();
    signal.addEventListener('abort', () => {
      socket.close();
      reject(signal.reason);
    });
  });
}

async function* speakLive(socket, { input, voice, speed }, signal) {
  const messages = [];
  let wake = () => undefined;
  const take = (message) => {
    messages.push(message);
    wake();
  };
  socket.onmessage = ({ data }) =>
    take(typeof data === 'string' ? JSON.parse(data) : { type: 'bytes', data });
  socket.onclose = () => take({ type: 'error', message: 'The connection broke off.' });
  signal.addEventListener('abort', () => wake());
  const send = (message) => socket.send(JSON.stringify(message));
  send({ type: 'open', voice, speed });
  for (const text of input.match(PIECES) ?? []) send({ type: 'push', text });
  send({ type: 'finish' });
  try {
    for (;;) {
      signal.throwIfAborted();
      const message = messages.shift();
      if (message === undefined) {
        await new Promise((resolve) => (wake = resolve));
        continue;
      }
      switch (message.type) {
        case 'bytes':
          yield { audio: new Uint8Array(message.data) };
          break;
        case 'words':
          yield { words: message.words };
          break;
        case 'done':
          return;
        case 'error':
          throw new ApiError(message.message);
      }
    }
  } finally {
    socket.close();
  }
}

/** The same as server-sent events. */
async function* speakEvents(request, key, signal) {
  const fields = { response_format: 'pcm', stream_format: 'sse', word_timestamps: true };
  const response = await postSpeech({ ...request, ...fields }, key, signal);
  for await (const event of readEvents(response.body)) {
    switch (event.type) {
      case 'speech.audio.delta':
        yield { audio: Uint8Array.from(atob(event.audio), (character) => character.charCodeAt(0)) };
        break;
      case 'speech.audio.words':
        yield { words: event.words };
        break;
      case 'speech.audio.done':
        return;
      case 'speech.audio.error':
        throw new ApiError(event.error.message);
    }
  }
  throw new ApiError('The connection broke off.');
}

async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (text + part.value).split('\n\n');
      text = events.pop();
      for (const event of events) yield JSON.parse(event.slice('data: '.length));
    }
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError('The connection broke off.');
  }
}
