import { describe, expect, it } from "vitest";
import { matchEach } from "../../src/base/regex";

const NAMES = Array.from({ length: 1_000 }, (_, index) => `${"a".repeat(200)}!${index}`);

describe("an expression", () => {
  const long = "a".repeat(60);
  it.each([
    ["(a+)+$", long],
    ["(a|aa)+$", long],
    ["(a+)+b", undefined],
    ["(.*)*x$", undefined],
    ["(a*)*(a*)*b", undefined],
    ["(?=(a+)+$)b", undefined],
  ])("that takes browsers for ever, %s, is answered", (source, whole) => {
    expect(matchEach(source, [long]).matches.get(long)?.whole).toBe(whole);
  });

  it.each(["(a+)+$", "((a{9}){9}){9}$", "((a?){50}){50}$", "(?=(a+)+$)*b", "(a?){300}(a?){300}$"])(
    "%s ends in time for a thousand long names, with an answer or in words",
    (source) => {
      const start = performance.now();
      const { matches, problem } = matchEach(source, NAMES);
      expect(problem === null ? matches.size : problem).toBe(
        problem === null ? 1_000 : "This expression takes too long",
      );
      expect(performance.now() - start).toBeLessThan(5_000);
    },
  );

  it("is no longer than a thousand characters", () => {
    expect(matchEach("a".repeat(1_000), []).problem).toBeNull();
    expect(matchEach("a".repeat(1_001), []).problem).toBe("This expression has more than 1000 characters");
  });

  it.each([
    ["a(", "not a valid"],
    ["(?<=a)b*", "Look-behind"],
    ["(a)\\1*", "back-references"],
    ["(?i:a)*", "modifiers"],
  ])("such as %s is refused in words", (source, words) => {
    expect(matchEach(source, ["a"]).problem).toContain(words);
  });
});
