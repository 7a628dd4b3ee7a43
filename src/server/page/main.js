import { call, postSpeech } from './api.js';
import { Player, SAMPLE_RATE } from './player.js';
import { speak } from './speech.js';
import { Transcript } from './transcript.js';
import { toWav } from './wav.js';
import { Waveform } from './waveform.js';

const find = (id) => document.getElementById(id);
const [form, text, voice, speed, key] = ['form', 'text', 'voice', 'speed', 'key'].map(find);
const waveform = new Waveform(find('waveform'));
const transcript = new Transcript(find('transcript'));

/** The speech that is made or heard now. */
let current;
/** What was asked for last. */
let request;

async function loadVoices() {
  const { voices } = await (await call('v1/audio/voices', key.value)).json();
  const own = voices.filter((candidate) => candidate.alias_of === undefined);
  voice.replaceChildren(
    ...own.map(({ id, name, accent, gender }) => new Option(`${name} (${accent}, ${gender})`, id)),
  );
}

function say(status) {
  find('status').textContent = status;
}

function complain(error) {
  find('problem').textContent = error.message;
  if (error.status === 401) find('key-row').hidden = false;
}

async function start() {
  stop();
  const run = { abort: new AbortController(), player: new Player() };
  current = run;
  find('problem').textContent = '';
  find('downloads').hidden = true;
  find('stop').disabled = false;
  say('Thinking.');
  try {
    if (voice.length === 0) await loadVoices();
    if (current !== run) return;
    await hear(run);
    if (current === run) say(`Done: ${secondsOf(run.player)} seconds of speech.`);
  } catch (error) {
    run.player.stop();
    if (current === run) {
      say('');
      find('result').hidden = run.player.numSamples === 0;
    }
    complain(error);
  }
  if (current === run) settle();
}

/** Makes a speech and plays it to its end. */
async function hear({ abort, player }) {
  request = { input: text.value, voice: voice.value, speed: Number(speed.value) };
  const startMs = performance.now();
  find('result').hidden = false;
  for (const id of ['length', 'first-audio', 'real-time-factor']) find(id).textContent = '–';
  waveform.clear();
  transcript.show(request.input);
  const animate = () => {
    if (current?.player !== player) return;
    waveform.draw(player.heardSeconds);
    transcript.follow(player.heardSeconds);
    requestAnimationFrame(animate);
  };
  animate();
  try {
    for await (const { audio, words } of speak(request, key.value, abort.signal)) {
      if (words !== undefined) transcript.add(words);
      if (audio === undefined) continue;
      if (player.numSamples === 0) {
        find('first-audio').textContent = `${Math.round(performance.now() - startMs)} ms`;
        say('Speaking.');
      }
      waveform.add(player.push(audio));
      find('length').textContent = `${secondsOf(player)} s`;
    }
  } catch (error) {
    if (abort.signal.aborted) return;
    throw error;
  }
  const workSeconds = (performance.now() - startMs) / 1000;
  const factor = workSeconds / (player.numSamples / SAMPLE_RATE);
  find('real-time-factor').textContent = factor.toFixed(2);
  offerWav(player, player.numSamples);
  player.end();
  await player.finished;
}

function secondsOf({ numSamples }) {
  return (numSamples / SAMPLE_RATE).toFixed(1);
}

/** Ends what is made and heard; what was heard of it can still be had. */
function stop() {
  if (current === undefined) return;
  const { abort, player } = current;
  abort.abort();
  player.stop();
  waveform.draw(player.heardSeconds);
  transcript.follow(player.heardSeconds);
  offerWav(player, Math.round(player.heardSeconds * SAMPLE_RATE));
  say('Stopped.');
  settle();
}

function settle() {
  const { player } = current;
  current = undefined;
  waveform.draw(player.heardSeconds);
  transcript.follow(player.heardSeconds);
  // a button that is disabled would lose the keyboard's place
  if (document.activeElement === find('stop')) find('speak').focus();
  find('stop').disabled = true;
}

function offerWav({ parts }, numSamples) {
  const link = find('wav');
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(toWav(parts, numSamples, SAMPLE_RATE));
  link.textContent = `Download WAV (${(numSamples / SAMPLE_RATE).toFixed(1)} s)`;
  link.hidden = numSamples === 0;
  find('downloads').hidden = false;
}

/** Has the whole speech made again, as MP3. */
async function downloadMp3() {
  find('problem').textContent = '';
  find('mp3').disabled = true;
  try {
    const response = await postSpeech({ ...request, response_format: 'mp3' }, key.value);
    const url = URL.createObjectURL(await response.blob());
    Object.assign(document.createElement('a'), { href: url, download: 'speech.mp3' }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (error) {
    complain(error);
  }
  find('mp3').disabled = false;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void start();
});
find('stop').addEventListener('click', stop);
find('mp3').addEventListener('click', downloadMp3);
speed.addEventListener('input', () => {
  find('speed-value').textContent = speed.value;
});
key.addEventListener('change', () => {
  if (voice.length === 0) loadVoices().then(() => (find('problem').textContent = ''), complain);
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === 'Escape') {
    stop();
  }
});
loadVoices().catch(complain);
