import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** The distance from the viewport within which an element is near, in pixels: a flick of the wheel passes it. */
const MARGIN = 800;

/**
 * Whether an element is near the viewport of its scroller: long lists need draw only that part. `height` is the height that
 * the element had when it was last near, 0 before; the element must keep it while it is away.
 */
export function useNearViewport<E extends HTMLElement>() {
  const ref = useRef<E>(null);
  const [position, setPosition] = useState({ isNear: false, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current!;
    const root = scrollerOf(element);
    const update = (isNear: boolean, height: number) => {
      // An element that has the keyboard stays drawn.
      if (isNear || !element.contains(document.activeElement)) setPosition({ isNear, height });
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
  return { ref, ...position };
}

/** The answer before the first call of the observer, which comes only after a first picture. */
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
