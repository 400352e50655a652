import type { UseName } from "../server/types";

/** What each use is called. They must have names before the first suggestion comes, and where a method has not all. */
export const USE_LABELS: Readonly<Record<UseName, string>> = {
  constant: "Constant rate",
  one_cycle: "1cycle peak",
  cyclical: "Cyclical bounds",
};
