import { useEffect, useState } from "preact/hooks";

/** The same width as in the style sheets. */
const NARROW = "(max-width: 700px)";

/** Whether the page is so narrow that rarely used controls are folded away. */
export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const update = () => setNarrow(query.matches);
    query.addEventListener("change", update);
    update();
    return () => query.removeEventListener("change", update);
  }, []);
  return isNarrow;
}
