/** How hard the fuzzers try: some seconds in all, from fixed seeds; `FUZZ_RUNS` times as hard, from random ones, where it is set. */

const TIMES = Number(process.env.FUZZ_RUNS ?? 0);
const SEED = 7;

/** Parameters of `fc.assert` for a fuzzer that usually tries so many cases. */
export function effort(cases: number): { numRuns: number; seed?: number } {
  return TIMES > 0 ? { numRuns: cases * TIMES } : { numRuns: cases, seed: SEED };
}
