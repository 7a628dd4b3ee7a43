// Plays speech or a token file while it comes: bytes to samples by onnxruntime-web, samples to sound by WebAudio.
import { LntDecoder } from 'linnet/browser';
import * as ort from 'onnxruntime-web/wasm';

/** Between the first samples and the first sound. */
const LEAD_SECONDS = 0.1;
/** What is decoded ahead of what is heard; the rest of a long file waits. */
const AHEAD_SECONDS = 5;

const find = (id) => document.getElementById(id);
let stop = new AbortController();

const options = { url: 'decoder/decoder', tables: true, ort };
const decoder = await LntDecoder.load(options).catch(showProblem);
if (decoder !== undefined) {
  find('status').textContent = `Ready: ${decoder.name}.`;
  find('file').addEventListener('change', ({ target }) => {
    void play(() => target.files[0].stream());
  });
  find('from-address').addEventListener('submit', (event) => {
    event.preventDefault();
    void play(async (signal) => (await fetch(find('address').value, { signal })).body);
  });
  find('speech').addEventListener('submit', (event) => {
    event.preventDefault();
    void play(speak);
  });
  find('stop').addEventListener('click', () => stop.abort());
}

/** Asks for the speech of the text, as tokens: what comes is decoded here. */
async function speak(signal) {
  const response = await fetch('v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      model: 'linnet-24k',
      voice: new URLSearchParams(location.search).get('voice') ?? 'heart',
      input: find('text').value,
      response_format: 'lnt',
      levels: Number(find('levels').value),
    }),
    signal,
  });
  if (!response.ok) {
    throw (await response.json()).error;
  }
  return response.body;
}

async function play(open) {
  stop.abort();
  stop = new AbortController();
  const { signal } = stop;
  const context = new AudioContext({ sampleRate: decoder.sampleRate });
  // some browsers begin suspended even after a click
  void context.resume();
  signal.addEventListener('abort', () => void context.close());
  find('problem').textContent = '';
  find('stop').disabled = false;
  let numBytes = 0;
  let numSamples = 0;
  let next = 0;
  try {
    const count = new TransformStream({
      transform: (bytes, controller) => {
        numBytes += bytes.length;
        controller.enqueue(bytes);
      },
    });
    const bytes = (await open(signal)).pipeThrough(count);
    for await (const samples of decoder.decode(bytes, { signal, onWarning: warn })) {
      const buffer = context.createBuffer(1, samples.length, decoder.sampleRate);
      buffer.copyToChannel(samples, 0);
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(context.destination);
      next = Math.max(next, context.currentTime + LEAD_SECONDS);
      source.start(next);
      next += buffer.duration;
      numSamples += samples.length;
      const seconds = numSamples / decoder.sampleRate;
      const kbps = (numBytes * 8) / seconds / 1000;
      find('status').textContent =
        `${seconds.toFixed(1)} s decoded, ${numBytes} bytes, ${kbps.toFixed(2)} kbps.`;
      await wait(next - context.currentTime - AHEAD_SECONDS, signal);
    }
    find('status').textContent += ' That is all.';
    await wait(next - context.currentTime, signal);
  } catch (error) {
    if (!signal.aborted) showProblem(error);
  }
  // unless something else plays already
  if (stop.signal === signal) {
    stop.abort();
    find('stop').disabled = true;
  }
}

function wait(seconds, signal) {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
    signal.addEventListener('abort', resolve);
  });
}

function warn(warning) {
  find('problem').textContent += `${warning} `;
}

function showProblem({ code, message }) {
  find('problem').textContent = code === undefined ? message : `${code}: ${message}`;
}
