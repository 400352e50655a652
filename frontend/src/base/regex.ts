/**
 * Regular expressions that cannot freeze the page. Those of the browser try every way through an expression: `(a+)+$` takes
 * them 2ⁿ steps for n letters. Here an expression is a program that is carried out by backtracking, and no place of the program
 * is tried twice at the same place of a text: what failed there once fails again (Cox, "Regular Expression Matching: the
 * Virtual Machine Approach", 2009). Steps are counted, so that many texts end in time too.
 *
 * The syntax is that of JavaScript without look-behind, back-references and modifiers; letters match whatever their case. A
 * repetition may find nothing, which JavaScript forbids all but the first ones: `(|a)?` finds nothing in "a", as in RE2.
 */

import { type Instruction, type Program, programOf, RegexProblem, tooLong } from "./regexProgram";

export interface Match {
  readonly whole: string;
  /** What the first group found; undefined where it found nothing or there is none. */
  readonly group: string | undefined;
  readonly hasGroup: boolean;
}

export interface Matches {
  /** The first match in each text, null where there is none; empty where the expression cannot be used. */
  readonly matches: ReadonlyMap<string, Match | null>;
  /** The reason why the expression cannot be used, without a full stop; null for one that can. */
  readonly problem: string | null;
}

const LONGEST = 1_000;
/** Steps for an expression, and for each text that it is searched in. */
const STEPS = 3_000_000;
const STEPS_PER_TEXT = 1_000;

/** Looks for an expression in each of some texts. */
export function matchEach(source: string, texts: readonly string[]): Matches {
  try {
    const search = searchFor(source);
    const budget = { left: STEPS + STEPS_PER_TEXT * texts.length };
    return { matches: new Map(texts.map((text) => [text, search(text, budget)])), problem: null };
  } catch (error) {
    if (!(error instanceof RegexProblem)) throw error;
    return { matches: new Map(), problem: error.message };
  }
}

interface Budget {
  left: number;
}

type Search = (text: string, budget: Budget) => Match | null;

/** Without these an expression has one way through. */
const BRANCHES = /[*+?{|]/;

function searchFor(source: string): Search {
  if (source.length > LONGEST) throw new RegexProblem(`This expression has more than ${LONGEST} characters`);
  const native = nativeOf(source);
  return BRANCHES.test(source) ? searchWith(programOf(source)) : searchNatively(native);
}

function nativeOf(source: string): RegExp {
  try {
    return new RegExp(source, "i");
  } catch {
    throw new RegexProblem("This is not a valid regular expression");
  }
}

function searchNatively(expression: RegExp): Search {
  return (text) => {
    const match = expression.exec(text);
    return match && { whole: match[0], group: match[1], hasGroup: match.length > 1 };
  };
}

function searchWith({ steps, hasGroup }: Program): Search {
  return (text, budget) => {
    const tried = new Set<number>();
    for (let start = 0; start <= text.length; start++) {
      const found = run(steps, 0, text, { at: start, from: -1, to: -1 }, tried, budget);
      if (!found) continue;
      const group = found.to < 0 ? undefined : text.slice(found.from, found.to);
      return { whole: text.slice(start, found.at), group, hasGroup };
    }
    return null;
  };
}

/** A place of a text, and where the first group begins and ends; below zero where that is not known. */
interface Position {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Carries a program out from a step on; null where no way leads to its end. `tried` holds the splits that were tried, each at
 * a place of the text.
 */
function run(
  steps: readonly Instruction[],
  first: number,
  text: string,
  start: Position,
  tried: Set<number>,
  budget: Budget,
): Position | null {
  const left: { readonly next: number; readonly position: Position }[] = [{ next: first, position: start }];
  for (let way = left.pop(); way; way = left.pop()) {
    let { next, position } = way;
    for (let isOpen = true; isOpen; ) {
      budget.left -= 1;
      if (budget.left < 0) throw tooLong();
      const step = steps[next]!;
      const { at } = position;
      next += 1;
      switch (step.kind) {
        case "letter":
          isOpen = at < text.length && step.matches(text[at]!);
          position = { ...position, at: at + 1 };
          break;
        case "place":
          isOpen = step.matches(text, at);
          break;
        case "jump":
          next = step.to;
          break;
        case "split": {
          const place = next * (text.length + 1) + at;
          isOpen = !tried.has(place);
          if (!isOpen) break;
          tried.add(place);
          left.push({ next: step.second, position });
          next = step.first;
          break;
        }
        case "group":
          position = grouped(position, step.edge);
          break;
        case "look": {
          const seen = run(steps, next, text, position, new Set(), budget);
          isOpen = (seen !== null) === step.isWanted;
          if (seen && step.isWanted) position = { ...seen, at };
          next = step.next;
          break;
        }
        case "done":
          return position;
      }
    }
  }
  return null;
}

function grouped({ at, from, to }: Position, edge: "start" | "end" | "none"): Position {
  if (edge === "start") return { at, from: at, to };
  return edge === "end" ? { at, from, to: at } : { at, from: -1, to: -1 };
}
