import fc from "fast-check";
import { expect, it } from "vitest";
import { matchEach } from "../../src/base/regex";
import { effort } from "./effort";

const letter = fc.constantFrom("a", "b", "A", "é", "ß", "0", "-", "_", "\n", "😀");
const text = fc.string({ unit: letter, maxLength: 8 });
const atom = fc.constantFrom(
  ..."abA.é-0",
  "\\d",
  "\\W",
  "\\s",
  "[ab]",
  "[^a\\d]",
  "[]",
  "[^]",
  "\\x61",
  "\\u00e9",
  "^",
  "$",
  "\\b",
  "\\B",
  "\\-",
  "]",
  "{",
);
const quantifier = fc.constantFrom("*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{1,}", "{0,2}", "{1,2}?", "{0,}");

/** Expressions with everything that is supported, nested; `loop` stands before what is repeated. */
const expressions = (loop: string) =>
  fc.letrec<Record<"expression" | "sequence" | "part", string>>((tie) => ({
    expression: fc.array(tie("sequence"), { minLength: 1, maxLength: 3 }).map((options) => options.join("|")),
    sequence: fc.array(tie("part"), { maxLength: 3 }).map((parts) => parts.join("")),
    part: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(fc.constantFrom("a", "b", ".", "[ab]", "\\w"), quantifier).map(([one, many]) => one + many),
      fc.tuple(opening, tie("expression")).map(([open, inside]) => `${open}${inside})`),
      fc
        .tuple(opening, tie("expression"), quantifier)
        .map(([open, inside, many]) => `${open}${loop}${loop && "(?:"}${inside}${loop && ")"})${many}`),
      fc.tuple(fc.constantFrom("(?=", "(?!"), tie("expression")).map(([open, inside]) => `${open}${inside})`),
    ),
  })).expression;
const opening = fc.constantFrom("(", "(?:", "(?<n>");

const isValid = (source: string) => {
  try {
    return new RegExp(source, "i") !== null;
  } catch {
    return false;
  }
};

it("finds something where the browser does", () => {
  fc.assert(
    fc.property(expressions("").filter(isValid), text, (source, text) => {
      expect(matchEach(source, [text]).matches.get(text) !== null).toBe(new RegExp(source, "i").test(text));
    }),
    effort(3_000),
  );
});

it("finds what the browser finds, where nothing is repeated that may be empty", () => {
  fc.assert(
    fc.property(expressions("[ab]").filter(isValid), text, (source, text) => {
      const match = new RegExp(source, "i").exec(text);
      const found = matchEach(source, [text]).matches.get(text)!;
      expect(found && [found.whole, found.group]).toEqual(match && [match[0], match[1]]);
    }),
    effort(3_000),
  );
});

it("refuses any other text in words, and nothing that is supported", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."()[]{}?*+|\\^$a1,<=!:k") })),
      (source) => {
        const { matches, problem } = matchEach(source, ["aa1"]);
        if (problem === null) expect(matches.get("aa1") !== null).toBe(new RegExp(source, "i").test("aa1"));
        else if (isValid(source)) expect(problem).toMatch(/^(Look-behind|This expression takes)/);
        else expect(problem).toBe("This is not a valid regular expression");
      },
    ),
    effort(3_000),
  );
});
