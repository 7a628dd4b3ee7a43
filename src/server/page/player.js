/** In Hz; what the server sends, and what is played. */
export const SAMPLE_RATE = 24_000;

/** Between the first audio and the first sound, so that the second piece is there in time. */
const LEAD_SECONDS = 0.08;

/** Plays 16-bit samples one after another, as they come, and tells what is heard. */
export class Player {
  /** The samples so far, as they came: whole 16-bit samples, little-endian. */
  parts = [];
  numSamples = 0;
  #finish;
  /** Resolves when all was played after `end`, or with `stop`. */
  finished = new Promise((resolve) => {
    this.#finish = resolve;
  });
  #context = new AudioContext({ sampleRate: SAMPLE_RATE });
  /** What was scheduled: when on the context's clock, and where in the speech. */
  #pieces = [];
  #index = 0;
  #next = 0;
  #carry = new Uint8Array(0);
  #last;
  #heardSeconds;

  constructor() {
    // some browsers begin suspended even after a click
    void this.#context.resume();
  }

  /** Takes bytes, which may end in the middle of a sample. Returns the whole samples, in [-1, 1). */
  push(bytes) {
    const joined = new Uint8Array(this.#carry.length + bytes.length);
    joined.set(this.#carry);
    joined.set(bytes, this.#carry.length);
    const count = joined.length >> 1;
    this.#carry = joined.slice(count * 2);
    const samples = new Float32Array(count);
    if (count === 0) return samples;
    const view = new DataView(joined.buffer);
    for (let index = 0; index < count; index++) {
      samples[index] = view.getInt16(index * 2, true) / 32_768;
    }
    this.parts.push(joined.subarray(0, count * 2));
    this.#play(samples);
    this.numSamples += count;
    return samples;
  }

  #play(samples) {
    if (this.#context.state === 'closed') return;
    const buffer = this.#context.createBuffer(1, samples.length, SAMPLE_RATE);
    buffer.copyToChannel(samples, 0);
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    if (this.#next <= this.#context.currentTime) {
      this.#next = this.#context.currentTime + LEAD_SECONDS;
    }
    source.start(this.#next);
    this.#pieces.push({ at: this.#next, start: this.numSamples, count: samples.length });
    this.#next += samples.length / SAMPLE_RATE;
    this.#last = source;
  }

  /** Seconds of the speech that were heard; waits where the audio ran dry. */
  get heardSeconds() {
    if (this.#heardSeconds !== undefined) return this.#heardSeconds;
    const now = this.#context.currentTime - (this.#context.outputLatency || 0);
    while (this.#pieces[this.#index + 1]?.at <= now) this.#index++;
    const piece = this.#pieces[this.#index];
    if (piece === undefined) return 0;
    const seconds = Math.min(Math.max(0, now - piece.at), piece.count / SAMPLE_RATE);
    return piece.start / SAMPLE_RATE + seconds;
  }

  /** Nothing more comes. */
  end() {
    if (this.#last === undefined) {
      this.stop();
      return;
    }
    const close = () => this.#close(this.numSamples / SAMPLE_RATE);
    const latencyMs = (this.#context.outputLatency || 0) * 1000;
    this.#last.onended = () => setTimeout(close, latencyMs);
    // it may be over already
    if (this.#context.currentTime >= this.#next) this.#last.onended();
  }

  /** Silence at once. */
  stop() {
    this.#close(this.heardSeconds);
  }

  #close(heardSeconds) {
    if (this.#heardSeconds !== undefined) return;
    this.#heardSeconds = heardSeconds;
    void this.#context.close();
    this.#finish();
  }
}
