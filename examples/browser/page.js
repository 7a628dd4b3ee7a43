// Plays a token file while it comes: bytes to samples by onnxruntime-web, samples to sound by WebAudio.
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
  find('stop').addEventListener('click', () => stop.abort());
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
      find('status').textContent = `${seconds.toFixed(1)} s decoded, ${kbps.toFixed(2)} kbps.`;
      await wait(next - context.currentTime - AHEAD_SECONDS, signal);
    }
    find('status').textContent += ' The file has ended.';
    await wait(next - context.currentTime, signal);
  } catch (error) {
    if (!signal.aborted) showProblem(error);
  }
  // unless another file plays already
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
