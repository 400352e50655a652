/** Programs of regular expressions: what an expression is read into, for `regex.ts` to carry out. */

/** The reason why an expression cannot be used, without a full stop. */
export class RegexProblem extends Error {}

export function tooLong(): RegexProblem {
  return new RegexProblem("This expression takes too long");
}

const LARGEST_PROGRAM = 20_000;

/** A step of a program. */
export type Instruction =
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

export interface Program {
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

/** The program of an expression that the browser takes for a valid one. */
export function programOf(source: string): Program {
  return new Parser(source).parse();
}

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
