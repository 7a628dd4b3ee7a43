import { textWidth, type Canvas } from './canvas.js';
import { colourOf, type Colour } from './colours.js';
import { GLYPH_SIZE } from './font.js';
import type { FrequencyScale } from './frequency-scales.js';
import { frequencyTicks, levelTicks, timeTicks, type Tick } from './ticks.js';

const INK: Colour = [40, 40, 48];
/** Longest numbers beside the axes, in characters: `12000`, `-120`, and `10:00:00` with some room. */
const FREQUENCY_CHARACTERS = 5;
const LEVEL_CHARACTERS = 4;
const TIME_CHARACTERS = 12;
const CELL = GLYPH_SIZE.width + 1;
/** Below this width or height of a panel, in pixels, the writing is small. */
const LARGE = { width: 800, height: 220 } as const;
/** All of these in dots. */
const TICK = 3;
const GAP = 2;
const TOP = GLYPH_SIZE.height + 2 * GAP;
const BOTTOM = TICK + GLYPH_SIZE.height + 3 * GAP;
const LEFT = FREQUENCY_CHARACTERS * CELL + TICK + 2 * GAP;
const BAR = 9;
const RIGHT = 3 * GAP + BAR + TICK + GAP + LEVEL_CHARACTERS * CELL + GAP;

/** Where everything lies in a picture of one or more panels above each other. */
export type PanelLayout = {
  /** Pixels of the side of a dot of the writing. */
  dot: number;
  /** Left edge of all panels, in pixels; each is `width` times `height` without its axes. */
  left: number;
  width: number;
  height: number;
  /** Upper edge of each. */
  tops: readonly number[];
};

/** What is drawn into one panel. */
export type Panel = {
  /** Of characters of the font. */
  title: string;
  /** `[width, height]`: dB, the first column and its lowest row first. */
  levels: Float32Array;
  /** Ends of the scale, dB. */
  low: number;
  high: number;
  colours: readonly Colour[];
  /** Whether the levels are differences, with signs. */
  isSigned: boolean;
  /** How frequencies lie on the rows. */
  scale: FrequencyScale;
  /** Ends of the axis of time. */
  startSeconds: number;
  endSeconds: number;
};

/**
 * Shares out the room of a picture.
 *
 * @param width - Pixels of all, at least 300.
 * @param height - Pixels of all, at least 200.
 * @param numPanels - 1 to 3; the axis of time stands below the last.
 * @returns The layout.
 */
export function layOut(width: number, height: number, numPanels: number): PanelLayout {
  const dot = width >= LARGE.width && height / numPanels >= LARGE.height ? 2 : 1;
  const room = Math.floor((height - BOTTOM * dot) / numPanels);
  return {
    dot,
    left: LEFT * dot,
    width: width - (LEFT + RIGHT) * dot,
    height: room - TOP * dot,
    tops: Array.from({ length: numPanels }, (_, index) => index * room + TOP * dot),
  };
}

/**
 * Draws a panel with its axes.
 *
 * @param canvas - What to draw on.
 * @param layout - The canvas's layout.
 * @param index - The panel's place in it, the uppermost being 0.
 * @param panel - What to draw.
 */
export function drawPanel(canvas: Canvas, layout: PanelLayout, index: number, panel: Panel): void {
  const { dot, left, width, height } = layout;
  const top = layout.tops[index]!;
  const { low, high, colours, levels } = panel;
  for (let x = 0; x < width; x++) {
    for (let row = 0; row < height; row++) {
      const share = (levels[x * height + row]! - low) / (high - low);
      canvas.set(left + x, top + height - 1 - row, colourOf(colours, share));
    }
  }
  drawLevels(canvas, layout, top, panel);
  const isLast = index === layout.tops.length - 1;
  drawTimes(canvas, layout, top, panel, isLast);
  drawFrequencies(canvas, layout, top, panel.scale);
  const titleTop = top - (GLYPH_SIZE.height + GAP) * dot;
  canvas.write(panel.title, left, titleTop, dot, INK);
  canvas.write('Hz', left - (TICK + GAP) * dot - textWidth('Hz', dot), titleTop, dot, INK);
}

function drawFrequencies(
  canvas: Canvas,
  { dot, left, height }: PanelLayout,
  top: number,
  scale: FrequencyScale,
): void {
  const ticks = frequencyTicks(scale, (2 * GLYPH_SIZE.height * dot) / height);
  for (const { position, label } of ticks) {
    const y = top + Math.round((1 - position) * (height - 1));
    canvas.fill(left - TICK * dot, y, TICK * dot, 1, INK);
    const labelLeft = left - (TICK + GAP) * dot - textWidth(label, dot);
    canvas.write(label, labelLeft, top + labelTop(position, height, dot), dot, INK);
  }
}

function drawLevels(canvas: Canvas, layout: PanelLayout, top: number, panel: Panel): void {
  const { dot, left, width, height } = layout;
  const { low, high, colours, isSigned } = panel;
  const barLeft = left + width + 3 * GAP * dot;
  for (let row = 0; row < height; row++) {
    const colour = colourOf(colours, row / (height - 1));
    canvas.fill(barLeft, top + height - 1 - row, BAR * dot, 1, colour);
  }
  const right = barLeft + BAR * dot;
  const maxTicks = Math.max(1, Math.floor(height / (3 * GLYPH_SIZE.height * dot)));
  for (const { position, label } of levelTicks(low, high, maxTicks, isSigned)) {
    const y = top + Math.round((1 - position) * (height - 1));
    canvas.fill(right, y, TICK * dot, 1, INK);
    const room = textWidth('0'.repeat(LEVEL_CHARACTERS), dot);
    const labelLeft = right + (TICK + GAP) * dot + room - textWidth(label, dot);
    canvas.write(label, labelLeft, top + labelTop(position, height, dot), dot, INK);
  }
  canvas.write('dB', barLeft, top - (GLYPH_SIZE.height + GAP) * dot, dot, INK);
}

function drawTimes(
  canvas: Canvas,
  { dot, left, width, height }: PanelLayout,
  top: number,
  { startSeconds, endSeconds }: Panel,
  hasLabels: boolean,
): void {
  const maxTicks = Math.max(1, Math.floor(width / (TIME_CHARACTERS * CELL * dot)));
  const bottom = top + height;
  const ticks = timeTicks(startSeconds, endSeconds, maxTicks);
  const textTop = bottom + (TICK + GAP) * dot;
  for (const { position, label } of ticks) {
    const x = left + Math.round(position * (width - 1));
    canvas.fill(x, bottom, 1, TICK * dot, INK);
    if (hasLabels) {
      canvas.write(label, x - Math.round(textWidth(label, dot) / 2), textTop, dot, INK);
    }
  }
  if (hasLabels && ticks.every(({ label }: Tick) => !label.includes(':'))) {
    const x = left + width + 3 * GAP * dot;
    canvas.write('s', x + BAR * dot, textTop, dot, INK);
  }
}

/** Upper edge of the number of a tick, below that of the panel: beside the tick, but not beyond the panel. */
function labelTop(position: number, height: number, dot: number): number {
  const textHeight = GLYPH_SIZE.height * dot;
  const middle = Math.round((1 - position) * (height - 1));
  return Math.min(height - textHeight, Math.max(0, middle - Math.floor(textHeight / 2)));
}
