/**
 * Regular expressions that cannot freeze the page. Those of the browser try every way through an expression: `(a+)+$` takes
 * them 2ⁿ steps for n letters. Here an expression is a program that is carried out by backtracking, and no place of the program
 * is tried twice at the same place of a text: what failed there once fails again (Cox, "Regular Expression Matching: the
 * Virtual Machine Approach", 2009). Steps are counted, so that many texts end in time too.
 *
 * The syntax is that of JavaScript without look-behind, back-references and modifiers; letters match whatever their case. A
 * repetition may find nothing, which JavaScript forbids all but the first ones: `(|a)?` finds nothing in "a", as in RE2.
 */

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

class RegexProblem extends Error {}

const LONGEST = 1_000;
const LARGEST_PROGRAM = 20_000;
/** Steps for an expression, and for each text that it is searched in. */
const STEPS = 3_000_000;
const STEPS_PER_TEXT = 1_000;

/** Looks for an expression in each of some texts. */
export function matchEach(source: string, texts: ReadonlySet<string>): Matches {
  try {
    const search = searchFor(source);
    const budget = { left: STEPS + STEPS_PER_TEXT * texts.size };
    return { matches: new Map([...texts].map((text) => [text, search(text, budget)])), problem: null };
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
  return BRANCHES.test(source) ? searchWith(new Parser(source).parse()) : searchNatively(native);
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

/** A step of a program. */
type Instruction =
  | { readonly kind: "letter"; readonly matches: (letter: string) => boolean }
  | { readonly kind: "place"; readonly matches: (text: string, at: number) => boolean }
  /** Goes on at one of two places: at the first, and where that fails at the second. */
  | { readonly kind: "split"; first: number; second: number }
  | { readonly kind: "jump"; to: number }
  /** The start or the end of the first group; "none" forgets both. */
  | { readonly kind: "group"; readonly edge: "start" | "end" | "none" }
  /** Looks ahead with the steps up to `next`, which end in "done". */
  | { readonly kind: "look"; readonly isWanted: boolean; next: number }
  | { readonly kind: "done" };

interface Program {
  readonly steps: readonly Instruction[];
  readonly hasGroup: boolean;
}

/** Appends the steps of a part of an expression to a program. */
type Part = (steps: Instruction[]) => void;

const ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[a-zA-Z]|[\s\S])/y;
const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/y;
const LETTER = /[\s\S]/y;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/y;
const OPENING = /\((?:\?(?:[:=!]|<[^=!>][^>]*>))?/y;
const UNSUPPORTED = /^\\(?:[1-9k]|c$)/;
const WORD = /^\w$/;
const isWord = (letter: string | undefined) => letter !== undefined && WORD.test(letter);
const isEdge = (text: string, at: number) => isWord(text[at - 1]) !== isWord(text[at]);
const PLACES: Readonly<Record<string, (text: string, at: number) => boolean>> = {
  "^": (_, at) => at === 0,
  $: (text, at) => at === text.length,
  "\\b": isEdge,
  "\\B": (text, at) => !isEdge(text, at),
};

/** Reads an expression that the browser takes for a valid one. */
class Parser {
  readonly #source: string;
  #at = 0;
  #groups = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Program {
    const steps: Instruction[] = [];
    this.#choice()(steps);
    steps.push({ kind: "done" });
    return { steps, hasGroup: this.#groups > 0 };
  }

  #choice(): Part {
    const options = [this.#sequence()];
    while (this.#source[this.#at] === "|") {
      this.#at += 1;
      options.push(this.#sequence());
    }
    return options.reduceRight((rest, option) => either(option, rest));
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !"|)".includes(this.#source[this.#at]!)) parts.push(this.#quantified());
    return (steps) => {
      for (const part of parts) part(steps);
    };
  }

  #quantified(): Part {
    const groupsBefore = this.#groups;
    const part = this.#part();
    const found = this.#take(QUANTIFIER);
    if (!found) return part;
    const [text, least, comma, most] = found;
    const isLazy = text.length > 1 && text.endsWith("?");
    const holdsGroup = groupsBefore === 0 && this.#groups > 0;
    const once: Part = holdsGroup ? (steps) => [forgetGroup, part].forEach((one) => void one(steps)) : part;
    if (least === undefined) return repeated(once, text[0] === "+" ? 1 : 0, text[0] === "?" ? 1 : null, isLazy);
    const upTo = comma === undefined ? Number(least) : most === "" ? null : Number(most);
    return repeated(once, Number(least), upTo, isLazy);
  }

  #part(): Part {
    if (this.#source[this.#at] === "(") return this.#parenthesis();
    const [text] = (this.#take(CLASS) ?? this.#take(ESCAPE) ?? this.#take(LETTER))!;
    if (UNSUPPORTED.test(text) || (text === "\\0" && /\d/.test(this.#source[this.#at] ?? ""))) throw unsupported();
    const matches = PLACES[text];
    return matches ? (steps) => push(steps, { kind: "place", matches }) : letter(text);
  }

  #parenthesis(): Part {
    const [opening] = this.#take(OPENING)!;
    if (opening === "(" && this.#source[this.#at] === "?") throw unsupported();
    const isGroup = opening === "(" || opening.length > 3;
    if (isGroup) this.#groups += 1;
    const isFirst = isGroup && this.#groups === 1;
    const inside = this.#choice();
    this.#at += 1;
    if (opening === "(?=" || opening === "(?!") return lookAhead(inside, opening === "(?=");
    return isFirst ? firstGroup(inside) : inside;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }
}

function unsupported(): RegexProblem {
  return new RegexProblem("Look-behind, back-references and modifiers are not supported");
}

function tooLong(): RegexProblem {
  return new RegexProblem("This expression takes too long");
}

function push(steps: Instruction[], step: Instruction): void {
  if (steps.length >= LARGEST_PROGRAM) throw tooLong();
  steps.push(step);
}

/** One letter, a class or an escape: the browser knows which letters it matches. */
function letter(source: string): Part {
  const expression = new RegExp(`^(?:${"{}]".includes(source) ? `\\${source}` : source})$`, "i");
  const known = new Map<string, boolean>();
  const matches = (letter: string) => {
    let isMatch = known.get(letter);
    if (isMatch === undefined) {
      isMatch = expression.test(letter);
      known.set(letter, isMatch);
    }
    return isMatch;
  };
  return (steps) => push(steps, { kind: "letter", matches });
}

const forgetGroup: Part = (steps) => push(steps, { kind: "group", edge: "none" });

function firstGroup(inside: Part): Part {
  return (steps) => {
    push(steps, { kind: "group", edge: "start" });
    inside(steps);
    push(steps, { kind: "group", edge: "end" });
  };
}

function either(option: Part, rest: Part): Part {
  return (steps) => {
    const split = { kind: "split" as const, first: steps.length + 1, second: 0 };
    push(steps, split);
    option(steps);
    const jump = { kind: "jump" as const, to: 0 };
    push(steps, jump);
    split.second = steps.length;
    rest(steps);
    jump.to = steps.length;
  };
}

function lookAhead(inside: Part, isWanted: boolean): Part {
  return (steps) => {
    const look = { kind: "look" as const, isWanted, next: 0 };
    push(steps, look);
    inside(steps);
    push(steps, { kind: "done" });
    look.next = steps.length;
  };
}

/** `most` is null where there is no limit. */
function repeated(once: Part, least: number, most: number | null, isLazy: boolean): Part {
  return (steps) => {
    const start = steps.length;
    for (let count = 0; count < least; count++) {
      once(steps);
      if (steps.length === start) return;
    }
    if (most === null) optional(once, isLazy, steps, true);
    else for (let count = least; count < most; count++) optional(once, isLazy, steps, false);
  };
}

function optional(once: Part, isLazy: boolean, steps: Instruction[], isLoop: boolean): void {
  const at = steps.length;
  const split = { kind: "split" as const, first: at + 1, second: at + 1 };
  push(steps, split);
  once(steps);
  if (isLoop) push(steps, { kind: "jump", to: at });
  split[isLazy ? "first" : "second"] = steps.length;
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
