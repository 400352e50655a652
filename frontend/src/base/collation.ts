const ORDER = new Intl.Collator(undefined, { numeric: true });

/** As people order names: run-2 before run-10. */
export const compareNames = (a: string, b: string): number => ORDER.compare(a, b);
