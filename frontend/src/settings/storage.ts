/** Named texts in the storage of the browser. Where the browser forbids storage, nothing is read and nothing is kept. */

export function recall(name: string): Map<string, string> {
  try {
    return new Map(new URLSearchParams(localStorage.getItem(name) ?? ""));
  } catch {
    return new Map();
  }
}

export function remember(name: string, texts: ReadonlyMap<string, string>): void {
  try {
    localStorage.setItem(name, new URLSearchParams([...texts]).toString());
  } catch {}
}
