/** The largest distance of two frames, in samples: a quarter of a frame, so that none is passed over. */
export const MAX_HOP = 256;

/**
 * The columns of a spectrogram whose length is not known before its end, in memory that does not grow
 * with it: between one and two columns for each of the picture, once there is as much audio as that.
 *
 * It begins with a frame for every sample. Whenever twice the width is reached, every second frame is left
 * out and the hop doubles, as if it had been that from the start. From {@link MAX_HOP} on nothing is left
 * out: two columns become one with the mean of their powers. The maximum would keep short events brighter,
 * but noise would then be the louder the longer the audio is.
 */
export class Columns {
  readonly #width: number;
  readonly #numRows: number;
  /** `[2 * width, numRows]`. */
  readonly #powers: Float32Array;
  /** Sum of the frames of the column that is being filled. */
  readonly #sum: Float64Array;
  #numSummed = 0;
  #numColumns = 0;
  #framesPerColumn = 1;
  #hop = 1;

  /**
   * @param width - Columns of the picture.
   * @param numRows - Its rows.
   */
  constructor(width: number, numRows: number) {
    this.#width = width;
    this.#numRows = numRows;
    this.#powers = new Float32Array(2 * width * numRows);
    this.#sum = new Float64Array(numRows);
  }

  /** Distance of the frame after the next one from the next one, in samples. */
  get hop(): number {
    return this.#hop;
  }

  /**
   * Adds the next frame.
   *
   * @param power - Gives the power of a row, the lowest being 0.
   */
  add(power: (row: number) => number): void {
    for (let row = 0; row < this.#numRows; row++) {
      this.#sum[row]! += power(row);
    }
    this.#numSummed += 1;
    if (this.#numSummed === this.#framesPerColumn) {
      this.#endColumn();
    }
  }

  /**
   * Ends the spectrogram.
   *
   * @param numSamples - Samples of the audio, at least 1.
   * @returns `[width, numRows]`: mean powers, the first column and its lowest row first.
   */
  finish(numSamples: number): Float32Array {
    if (this.#numSummed > 0) {
      this.#endColumn();
    }
    const picture = new Float32Array(this.#width * this.#numRows);
    for (let x = 0; x < this.#width; x++) {
      const from = this.#columnAt((x * numSamples) / this.#width);
      const to = this.#columnAt(((x + 1) * numSamples) / this.#width);
      this.#average(from, to, picture.subarray(x * this.#numRows, (x + 1) * this.#numRows));
    }
    return picture;
  }

  /** Where a sample lies, in columns; a frame stands for half a hop to both sides of its middle. */
  #columnAt(sample: number): number {
    const column = (sample + this.#hop / 2) / (this.#hop * this.#framesPerColumn);
    return Math.min(this.#numColumns, column);
  }

  #average(from: number, to: number, target: Float32Array): void {
    const first = Math.min(Math.floor(from), this.#numColumns - 1);
    const last = Math.max(first, Math.ceil(to) - 1);
    let total = 0;
    for (let column = first; column <= last; column++) {
      // what is left of the audio after the last column's middle may be nothing
      const share = Math.min(to, column + 1) - Math.max(from, column) || 1e-9;
      total += share;
      for (let row = 0; row < this.#numRows; row++) {
        target[row]! += share * this.#powers[column * this.#numRows + row]!;
      }
    }
    for (let row = 0; row < this.#numRows; row++) {
      target[row]! /= total;
    }
  }

  #endColumn(): void {
    const offset = this.#numColumns * this.#numRows;
    for (let row = 0; row < this.#numRows; row++) {
      this.#powers[offset + row] = this.#sum[row]! / this.#numSummed;
    }
    this.#sum.fill(0);
    this.#numSummed = 0;
    this.#numColumns += 1;
    if (this.#numColumns === 2 * this.#width) {
      this.#halve();
    }
  }

  #halve(): void {
    const numRows = this.#numRows;
    const isDropping = this.#hop < MAX_HOP;
    for (let column = 0; column < this.#width; column++) {
      for (let row = 0; row < numRows; row++) {
        const first = this.#powers[2 * column * numRows + row]!;
        const second = this.#powers[(2 * column + 1) * numRows + row]!;
        this.#powers[column * numRows + row] = isDropping ? first : (first + second) / 2;
      }
    }
    this.#numColumns = this.#width;
    if (isDropping) {
      this.#hop *= 2;
    } else {
      this.#framesPerColumn *= 2;
    }
  }
}
