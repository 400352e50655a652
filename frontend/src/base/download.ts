/** The time within which a browser reads the address of a download, after the click that starts it. */
const READ_WITHIN_MS = 10_000;

/** Saves content as a file, wherever the browser puts files. */
export function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), READ_WITHIN_MS);
}

/** A file name with the local date: lr-finder-2026-11-21.svg. */
export function datedName(subject: string, extension: string, now = new Date()): string {
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return `${subject}-${parts.map((part) => String(part).padStart(2, "0")).join("-")}.${extension}`;
}
