import { SAMPLE_RATE } from './player.js';

const PEAKS_PER_SECOND = 100;
const SAMPLES_PER_PEAK = SAMPLE_RATE / PEAKS_PER_SECOND;
/** A shorter speech does not fill the width, so that its beginning does not jump about. */
const MIN_PEAKS = 2 * PEAKS_PER_SECOND;
/** In CSS pixels. */
const BAR_WIDTH = 3;
const BAR_GAP = 1;

/** The waveform of a speech, and the place that is heard. */
export class Waveform {
  #canvas;
  #peaks = [];
  #numSamples = 0;
  #heardSeconds = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    const redraw = () => this.draw(this.#heardSeconds);
    new ResizeObserver(redraw).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  }

  clear() {
    this.#peaks = [];
    this.#numSamples = 0;
    this.draw(0);
  }

  add(samples) {
    for (const sample of samples) {
      const index = Math.floor(this.#numSamples++ / SAMPLES_PER_PEAK);
      this.#peaks[index] = Math.max(this.#peaks[index] ?? 0, Math.abs(sample));
    }
  }

  draw(heardSeconds) {
    this.#heardSeconds = heardSeconds;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio;
    const size = [Math.round(width * scale), Math.round(height * scale)];
    if (this.#canvas.width !== size[0] || this.#canvas.height !== size[1]) {
      [this.#canvas.width, this.#canvas.height] = size;
    }
    const { color, borderTopColor } = getComputedStyle(this.#canvas);
    const context = this.#canvas.getContext('2d');
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const numPeaks = Math.max(MIN_PEAKS, this.#peaks.length);
    const numBars = Math.floor(width / (BAR_WIDTH + BAR_GAP));
    const heardPeaks = heardSeconds * PEAKS_PER_SECOND;
    for (let bar = 0; bar < numBars; bar++) {
      const from = Math.floor((bar * numPeaks) / numBars);
      const to = Math.max(from + 1, Math.floor(((bar + 1) * numPeaks) / numBars));
      if (from >= this.#peaks.length) break;
      let peak = 0;
      for (let index = from; index < to; index++) peak = Math.max(peak, this.#peaks[index] ?? 0);
      // the root makes quiet sounds visible
      const barHeight = Math.max(2, Math.sqrt(peak) * height);
      context.fillStyle = from < heardPeaks ? color : borderTopColor;
      context.fillRect(bar * (BAR_WIDTH + BAR_GAP), (height - barHeight) / 2, BAR_WIDTH, barHeight);
    }
    if (this.#peaks.length > 0) {
      context.fillStyle = color;
      context.fillRect(Math.min(width - 2, (heardPeaks / numPeaks) * width), 0, 2, height);
    }
  }
}
