/** Numbers within bounds, and as text. Every place that shows a learning rate uses `formatRate`. */

/** As in Python, which prints 0.0001 and 9e-05. */
const SMALLEST_PLAIN = 1e-4;
const LARGEST_PLAIN = 1e5;

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** A learning rate with three significant digits, without trailing zeros: 0.0031, 3.1e-5, 12. */
export const formatRate = (rate: number): string => formatNumber(rate, 3);

/**
 * A value with four significant digits for a readout: 2.303, 0.2500. Runs beside each other often differ in the fourth
 * alone; trailing zeros keep the width the same while the value changes.
 */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  return isPlain(Number(value.toPrecision(4))) ? value.toPrecision(4) : shortExponent(value.toExponential(3));
}

/** A number with at most `digits` significant digits: plain from 0.0001 to below 100000, elsewhere with a power of ten. */
export function formatNumber(value: number, digits: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  const rounded = Number(value.toPrecision(digits));
  return isPlain(rounded) ? String(rounded) : shortExponent(rounded.toExponential());
}

/** Whole numbers in groups of three digits: 12,000. */
export const formatCount = (count: number): string => COUNT.format(count);
const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** Evenly spaced ticks with one common number of decimals; zero has none. */
export function formatTicks(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  const step = Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0)) || largest || 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (largest < LARGEST_PLAIN && decimals <= 5) return ticks.map((tick) => (tick === 0 ? "0" : tick.toFixed(decimals)));
  const digits = Math.max(0, Math.round(Math.log10(largest / step)));
  return ticks.map((tick) => formatNumber(tick, digits + 2));
}

function isPlain(value: number): boolean {
  const size = Math.abs(value);
  return size === 0 || (size >= SMALLEST_PLAIN && size < LARGEST_PLAIN);
}

function shortExponent(text: string): string {
  return text.replace("e+", "e");
}

function formatNonFinite(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "∞" : "−∞";
}
