/** Lays labels over each other in as few lanes as keep them apart. */

export interface Span {
  readonly start: number;
  readonly end: number;
}

const GAP = 6;

/** The lane of each span, in the order given, earlier spans first; null for one that fits into none of `lanes`. */
export function assignLanes(spans: readonly Span[], lanes: number): (number | null)[] {
  const taken: Span[][] = Array.from({ length: lanes }, () => []);
  return spans.map((span) => {
    const lane = taken.findIndex((others) => others.every((other) => isApart(span, other)));
    if (lane < 0) return null;
    taken[lane]!.push(span);
    return lane;
  });
}

function isApart(a: Span, b: Span): boolean {
  return a.start >= b.end + GAP || b.start >= a.end + GAP;
}
