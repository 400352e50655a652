/** Which of several requests count, and when. */

/** One piece of work after the other; of those that come while one is under way, only the newest is done. */
export class LatestQueue {
  #last: Promise<void> = Promise.resolve();
  #newest = 0;

  add(work: () => Promise<void>): Promise<void> {
    const before = this.#last;
    this.#newest += 1;
    const mine = this.#newest;
    // Whoever asked for the work before hears of its failure.
    this.#last = before.catch(() => {}).then(() => (mine === this.#newest ? work() : undefined));
    return this.#last;
  }
}

/** Of several attempts at one thing only the latest counts: each `next` aborts the one before. */
export class LatestAttempt {
  #controller = new AbortController();

  next(): AbortSignal {
    this.#controller.abort();
    this.#controller = new AbortController();
    return this.#controller.signal;
  }
}

/** Waits; ends at once, with the signal's reason, when it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
