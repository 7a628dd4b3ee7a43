import { Canvas } from './canvas.js';
import { DIFFERENCE_COLOURS, LEVEL_COLOURS } from './colours.js';
import { frequencyScale, type ScaleName } from './frequency-scales.js';
import { drawPanel, layOut, type Panel, type PanelLayout } from './panel.js';
import { encodePng } from './png.js';
import type { SpectrogramSizes } from './spectrogram.js';

/** How a picture shall look. */
export type PictureOptions = {
  /** Pixels, from 300. */
  width: number;
  /** Pixels, from 200. */
  height: number;
  scale: ScaleName;
  /** From the top of the scale of levels to its bottom, dB. */
  rangeDb: number;
  /** Where the axis of time begins. */
  startSeconds: number;
  /** Hz. */
  sampleRate: number;
};

/** Ends of the scale of differences, dB. */
const MAX_DIFFERENCE_DB = 20;
/** Tops of the scale of levels are multiples of this, dB. */
const TOP_STEP_DB = 5;
/** What is more silent than this, dB, is taken for silence. */
const SILENCE_DB = -200;

/** A spectrogram with axes, or several above each other. */
export class Picture {
  readonly #options: PictureOptions;
  readonly #layout: PanelLayout;
  /** What its spectrograms must be made with. */
  readonly sizes: SpectrogramSizes;

  /**
   * @param options - How it shall look.
   * @param numPanels - 1 for {@link Picture.draw}, 3 for {@link Picture.drawComparison}.
   */
  constructor(options: PictureOptions, numPanels: 1 | 3) {
    this.#options = options;
    this.#layout = layOut(options.width, options.height, numPanels);
    const { width, height } = this.#layout;
    this.sizes = { width, height, scale: frequencyScale(options.scale, options.sampleRate / 2) };
  }

  /**
   * Draws one spectrogram.
   *
   * @param powers - What it holds.
   * @param numSamples - How long the audio is.
   * @returns The PNG file.
   */
  draw(powers: Float32Array, numSamples: number): Uint8Array {
    const levels = toLevels(powers);
    const top = topOf(levels);
    return this.#drawAll([this.#levelPanel('', levels, top)], numSamples);
  }

  /**
   * Draws two spectrograms on one scale, and below them how much the second is above the first. What is
   * below the scale counts as its bottom there.
   *
   * @param original - The first.
   * @param decoded - The second.
   * @param numSamples - How long both are.
   * @returns The PNG file.
   */
  drawComparison(original: Float32Array, decoded: Float32Array, numSamples: number): Uint8Array {
    const first = toLevels(original);
    const second = toLevels(decoded);
    const top = Math.max(topOf(first), topOf(second));
    const bottom = top - this.#options.rangeDb;
    const difference = second.map(
      (level, index) => Math.max(bottom, level) - Math.max(bottom, first[index]!),
    );
    const panels = [
      this.#levelPanel('original', first, top),
      this.#levelPanel('decoded', second, top),
      {
        title: 'difference',
        levels: difference,
        low: -MAX_DIFFERENCE_DB,
        high: MAX_DIFFERENCE_DB,
        colours: DIFFERENCE_COLOURS,
        isSigned: true,
      },
    ];
    return this.#drawAll(panels, numSamples);
  }

  #levelPanel(title: string, levels: Float32Array, top: number) {
    const low = top - this.#options.rangeDb;
    return { title, levels, low, high: top, colours: LEVEL_COLOURS, isSigned: false };
  }

  #drawAll(
    panels: readonly Omit<Panel, 'scale' | 'startSeconds' | 'endSeconds'>[],
    numSamples: number,
  ): Uint8Array {
    const { width, height, startSeconds, sampleRate } = this.#options;
    const canvas = new Canvas(width, height);
    const endSeconds = startSeconds + numSamples / sampleRate;
    const { scale } = this.sizes;
    panels.forEach((panel, index) => {
      drawPanel(canvas, this.#layout, index, { ...panel, scale, startSeconds, endSeconds });
    });
    return encodePng(canvas);
  }
}

function toLevels(powers: Float32Array): Float32Array {
  return powers.map((power) => Math.max(SILENCE_DB, 10 * Math.log10(power)));
}

/** The loudest level, rounded up; 0 dB for silence. */
function topOf(levels: Float32Array): number {
  const loudest = levels.reduce((most, level) => Math.max(most, level), SILENCE_DB);
  return loudest === SILENCE_DB ? 0 : TOP_STEP_DB * Math.ceil(loudest / TOP_STEP_DB);
}
