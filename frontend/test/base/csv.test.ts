import { describe, expect, it } from "vitest";
import { formatCsv } from "../../src/base/csv";
import { datedName } from "../../src/base/download";

describe("tables as text", () => {
  it("ends every line with CR LF and quotes what would break a cell", () => {
    const rows = [
      ["run", "loss"],
      ['a, "b"', 1],
      ["two\nlines", 2],
    ];
    expect(formatCsv(rows)).toBe('run,loss\r\n"a, ""b""",1\r\n"two\nlines",2\r\n');
  });

  it.each(["=cmd()", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1"])(
    "gives a spreadsheet %j as text, not as a formula",
    (text) => {
      const line = formatCsv([[text, -1, "a=b"]]);
      expect(line).toBe(/[\r\n]/.test(text) ? `"'${text}",-1,a=b\r\n` : `'${text},-1,a=b\r\n`);
    },
  );

  it("keeps all digits of numbers, and says which are none", () => {
    const numbers = [0.1 + 0.2, 5e-324, -0.000123456789012345, Number.NaN, Number.POSITIVE_INFINITY];
    const cells = formatCsv([numbers]).trim().split(",");
    expect(cells.map(Number)).toEqual(numbers);
  });
});

it("names files after their subject and the day", () => {
  expect(datedName("lr-finder", "svg", new Date(2026, 10, 3))).toBe("lr-finder-2026-11-03.svg");
});
