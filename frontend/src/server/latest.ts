/** Of several attempts at one thing only the latest counts: each `next` aborts the one before. */
export class Latest {
  #controller = new AbortController();

  next(): AbortSignal {
    this.#controller.abort();
    this.#controller = new AbortController();
    return this.#controller.signal;
  }
}
