/** Named texts in the fragment of an address, beside those of others: `#tab&name=text&name=text`. */

/** The texts whose name begins with `prefix`, by the rest of their name. */
export function readHash(hash: string, prefix: string): Map<string, string> {
  // A plus in an address is a plus, while `URLSearchParams` reads forms, in which it is a space.
  const parts = new URLSearchParams(hash.slice(1).replaceAll("+", "%2B"));
  const ours = [...parts].filter(([name]) => name.startsWith(prefix));
  return new Map(ours.map(([name, text]) => [name.slice(prefix.length), text]));
}

/** The fragment with these texts in place of all whose name begins with `prefix`; the parts of others stay as they are. */
export function writeHash(hash: string, prefix: string, texts: ReadonlyMap<string, string>): string {
  const others = hash.slice(1).split("&");
  const ours = [...texts].map(([name, text]) => `${prefix}${name}=${encoded(text)}`);
  return `#${[...others.filter((part) => part && !part.startsWith(prefix)), ...ours].join("&")}`;
}

/** The number of characters that a text takes in the fragment, beside its name. */
export function lengthIn(text: string): number {
  return encoded(text).length;
}

/** A text that is no sequence of letters, with half a surrogate pair, has no encoding. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** The part before all texts, which names the tab; null where there is none. */
export function tabOf(hash: string): string | null {
  const [first = ""] = hash.slice(1).split("&");
  return first === "" || first.includes("=") ? null : first;
}
