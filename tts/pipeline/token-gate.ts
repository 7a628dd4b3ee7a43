/** Where the pointer was when a token was spoken. */
export type TokenPlace = 'opening' | 'speech' | 'closing';

/** Tokens of the silence before the first word that are kept: 40 ms. */
const KEPT_OPENING = 1;

/** Tokens of the silence after the last word that are kept: 200 ms. */
const KEPT_CLOSING = 5;

/** What a {@link TokenGate} remembers. */
export type GateState<Token> = {
  held: Token[];
  silence?: Token | undefined;
  hasSpoken: boolean;
  numClosing: number;
};

/**
 * Shortens the silence at both ends of a speech, and only there: the pause after a sentence is held
 * back until it is known whether another sentence follows, which then gets it whole.
 */
export class TokenGate<Token> {
  readonly #held: Token[] = [];
  #silence: Token | undefined;
  #hasSpoken = false;
  #numClosing = 0;

  /** What it remembers, for {@link restore}. */
  snapshot(): GateState<Token> {
    const silence = this.#silence === undefined ? {} : { silence: this.#silence };
    const [hasSpoken, numClosing] = [this.#hasSpoken, this.#numClosing];
    return { held: [...this.#held], ...silence, hasSpoken, numClosing };
  }

  /** Goes on from a {@link snapshot}. */
  restore({ held, silence, hasSpoken, numClosing }: GateState<Token>): void {
    this.#held.splice(0, Infinity, ...held);
    this.#silence = silence;
    this.#hasSpoken = hasSpoken;
    this.#numClosing = numClosing;
  }

  /**
   * Takes the next token.
   *
   * @param token - The token.
   * @param place - `opening`: before the first phone of a sentence; `closing`: in the pause at its end.
   * @param out - Receives the tokens that may go on, in order.
   * @returns How many went on.
   */
  push(token: Token, place: TokenPlace, out: Token[]): number {
    this.#silence = place === 'speech' ? this.#silence : token;
    if (!this.#hasSpoken && place !== 'speech') {
      this.#held.push(token);
      if (this.#held.length > KEPT_OPENING) {
        this.#held.shift();
      }
      return 0;
    }
    this.#hasSpoken = true;
    this.#numClosing = place === 'closing' ? this.#numClosing + 1 : 0;
    if (this.#numClosing > KEPT_CLOSING) {
      this.#held.push(token);
      return 0;
    }
    const held = this.#held.splice(0);
    out.push(...held, token);
    return held.length + 1;
  }

  /**
   * Ends what is spoken for now: the silence after it is kept as at the end of a speech, and made as
   * long if it is shorter, since what follows tells how the last tokens sound and may take long to come.
   *
   * @param out - Receives the tokens that are added.
   * @returns How many were added.
   */
  rest(out: Token[]): number {
    this.#held.length = 0;
    if (!this.#hasSpoken) {
      return 0;
    }
    return this.lengthen(Math.max(0, KEPT_CLOSING - this.#numClosing), out);
  }

  /**
   * Makes the silence at the end longer.
   *
   * @param count - Tokens to add.
   * @param out - Receives them.
   * @returns How many were added: none if no silence has been heard yet.
   */
  lengthen(count: number, out: Token[]): number {
    if (this.#silence === undefined) {
      return 0;
    }
    out.push(...Array<Token>(count).fill(this.#silence));
    this.#numClosing += count;
    return count;
  }
}
