/** A failure that the server told, in its words. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Calls the server; fails with an {@link ApiError} unless it answers with success. */
export async function call(path, key, init = {}) {
  const headers = { ...init.headers };
  if (key !== '') headers.Authorization = `Bearer ${key}`;
  let response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError('The server cannot be reached.');
  }
  if (response.ok) return response;
  let message = `The server answered ${response.status}.`;
  try {
    message = (await response.json()).error.message;
  } catch {
    // something between us and the server answered
  }
  throw new ApiError(message, response.status);
}

/** Asks for speech over HTTP; `fields` are those of docs/http-api.md. */
export function postSpeech(fields, key, signal) {
  return call('v1/audio/speech', key, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fields),
    signal,
  });
}
