const ORDER = new Intl.Collator(undefined, { numeric: true });

/** Orders names as people do: run-2 before run-10. */
export const compareNames = (a: string, b: string): number => ORDER.compare(a, b);
