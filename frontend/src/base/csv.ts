/** Tables in the format of RFC 4180: lines end with CR LF, and a cell with a comma, a quote or a line break is quoted. */

export type Cell = string | number;

/**
 * How texts begin that a spreadsheet takes for a formula. They get an apostrophe before them, as OWASP advises ("CSV Injection"):
 * names of runs are anybody's, and a formula can send the table away.
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** Numbers keep all their digits. */
export function formatCsv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cell).join()}\r\n`).join("");
}

function cell(value: Cell): string {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
