/** Tables in the format of RFC 4180: lines end with CR LF, and a cell with a comma, a quote or a line break is quoted. */

export type Cell = string | number;

/** Numbers keep all their digits. */
export function formatCsv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cell).join()}\r\n`).join("");
}

function cell(value: Cell): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
