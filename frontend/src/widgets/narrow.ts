import { useEffect, useState } from "preact/hooks";

/** As the style sheets have it. */
const NARROW = "(max-width: 700px)";

/** Whether there is no room for what not everybody needs: it is folded away then. */
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
