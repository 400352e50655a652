import type { Scales } from "../scales";

/** The line at which a slope turns from better to worse. */
export function Zero({ scales: { y, frame } }: { scales: Scales }) {
  return <path class="zero" data-testid="zero" d={`M${frame.left},${y(0)}H${frame.right}`} />;
}
