/** Tables as RFC 4180 has them: lines end with CR LF, and what would break a cell stands in quotes. */

export type Cell = string | number;

/** Numbers keep all their digits. */
export function formatCsv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cell).join()}\r\n`).join("");
}

function cell(value: Cell): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
