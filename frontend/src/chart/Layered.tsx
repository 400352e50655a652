import type { ComponentChildren } from "preact";

interface LayeredProps<T> {
  readonly items: readonly T[];
  /** The run that an item belongs to; null for none. */
  readonly runOf: (item: T) => string | null;
  /** The run that is put forward. */
  readonly front: string | null;
  readonly draw: (item: T, isFront: boolean) => ComponentChildren;
}

/** One kind of item of all runs. The run put forward is drawn once more over the others, which fade as one element. */
export function Layered<T>({ items, runOf, front, draw }: LayeredProps<T>) {
  return (
    <>
      <g class={front === null ? "layer" : "layer faded"}>{items.map((item) => draw(item, false))}</g>
      {front !== null && (
        <g class="front">{items.filter((item) => runOf(item) === front).map((item) => draw(item, true))}</g>
      )}
    </>
  );
}
