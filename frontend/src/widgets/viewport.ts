import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** How far outside of what is shown an element is near, in pixels: what a flick of the wheel passes. */
const MARGIN = 800;

/**
 * Whether an element is near the shown part of what scrolls it: of long lists only that part need be there. `height` is what
 * the element had when it was last near, 0 before; it must keep it while it is away.
 */
export function useNearViewport<E extends HTMLElement>() {
  const ref = useRef<E>(null);
  const [place, setPlace] = useState({ isNear: false, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current!;
    const root = scrollerOf(element);
    const update = (isNear: boolean, height: number) => {
      // What has the keyboard stays where it is.
      if (isNear || !element.contains(document.activeElement)) setPlace({ isNear, height });
    };
    update(isWithin(element, root), 0);
    const observer = new IntersectionObserver(
      (entries) => {
        const { isIntersecting, boundingClientRect } = entries.at(-1)!;
        update(isIntersecting, boundingClientRect.height);
      },
      { root, rootMargin: `${MARGIN}px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, ...place };
}

/** Before the first look of the observer, which comes only after a first picture. */
function isWithin(element: HTMLElement, root: HTMLElement | null): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  const frame = root?.getBoundingClientRect() ?? { top: 0, bottom: window.innerHeight };
  return bottom >= frame.top - MARGIN && top <= frame.bottom + MARGIN;
}

function scrollerOf(element: HTMLElement): HTMLElement | null {
  let above = element.parentElement;
  while (above && !/auto|scroll/.test(getComputedStyle(above).overflowY)) above = above.parentElement;
  return above;
}
