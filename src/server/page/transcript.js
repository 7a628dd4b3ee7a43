/** A text whose words light up as they are spoken. */
export class Transcript {
  #element;
  /** What of the text no word was found in yet. */
  #rest;
  /** `{ span, start, end }` of each word whose time is known, in order. */
  #words = [];
  /** The word that was last reached. */
  #index = -1;

  constructor(element) {
    this.#element = element;
  }

  show(text) {
    this.#rest = document.createTextNode(text);
    this.#element.replaceChildren(this.#rest);
    this.#element.scrollTop = 0;
    this.#words = [];
    this.#index = -1;
  }

  /** Takes words as they stand in the text, in order, with their times in seconds. */
  add(words) {
    for (const { word, start, end } of words) {
      const offset = this.#rest.data.indexOf(word);
      if (offset < 0) continue;
      const found = this.#rest.splitText(offset);
      this.#rest = found.splitText(word.length);
      const span = document.createElement('span');
      found.replaceWith(span);
      span.append(found);
      this.#words.push({ span, start, end });
    }
  }

  /** Lights up the word of that time. */
  follow(seconds) {
    while (this.#words[this.#index + 1]?.start < seconds) {
      if (this.#index >= 0) this.#words[this.#index].span.className = 'said';
      this.#index++;
    }
    const current = this.#words[this.#index];
    if (current === undefined) return;
    const className = seconds < current.end ? 'now' : 'said';
    if (current.span.className !== className) {
      current.span.className = className;
      this.#reveal(current.span);
    }
  }

  /** Scrolls within the text alone: the page stays where its reader has it. */
  #reveal({ offsetTop, offsetHeight }) {
    const { scrollTop, clientHeight } = this.#element;
    if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) {
      this.#element.scrollTop = offsetTop - clientHeight / 3;
    }
  }
}
