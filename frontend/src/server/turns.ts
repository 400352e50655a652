/** One piece of work after the other; of those that come while one is under way, only the newest is done. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #newest = 0;

  take(work: () => Promise<void>): Promise<void> {
    const before = this.#last;
    this.#newest += 1;
    const turn = this.#newest;
    // Whoever asked for the work before hears of its failure.
    this.#last = before.catch(() => {}).then(() => (turn === this.#newest ? work() : undefined));
    return this.#last;
  }
}
