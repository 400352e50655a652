/** Times and durations as text. All of them are in seconds. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const DATE = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const MINUTES = new Intl.DateTimeFormat(undefined, CLOCK);
const SECONDS = new Intl.DateTimeFormat(undefined, { ...CLOCK, second: "2-digit" });
const MOMENT = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", ...CLOCK, second: "2-digit" });

/** The last moment of `Date`. */
const LAST = 8.64e12;

/** Whether a calendar has this moment. */
export function isTime(time: number): boolean {
  return Math.abs(time) <= LAST;
}

/** A duration in all units that are not zero: 1 h 30 min, 45 s, 0.5 s; 0 for none. */
export function formatDuration(seconds: number): string {
  const sign = seconds < 0 ? "−" : "";
  const rest = Math.abs(seconds);
  const parts = [
    [Math.floor(rest / DAY), "d"],
    [Math.floor((rest % DAY) / HOUR), "h"],
    [Math.floor((rest % HOUR) / MINUTE), "min"],
    [Number((rest % MINUTE).toFixed(3)), "s"],
  ].filter(([amount]) => amount !== 0);
  return parts.length === 0 ? "0" : sign + parts.map((part) => part.join(" ")).join(" ");
}

export function formatDate(time: number): string {
  return formatted(DATE, time);
}

/** Date and time to the second. */
export function formatMoment(time: number): string {
  return formatted(MOMENT, time);
}

function formatted(format: Intl.DateTimeFormat, time: number): string {
  return isTime(time) ? format.format(time * 1000) : "no time";
}

/** Clock times of evenly spaced moments: with seconds where they are close, with the date where they span days. */
export function formatClock(times: readonly number[]): string[] {
  const step = times.length > 1 ? times[1]! - times[0]! : MINUTE;
  if (step >= DAY) return times.map(formatDate);
  const clock = step < MINUTE ? SECONDS : MINUTES;
  const dates = times.map(formatDate);
  const isOneDay = dates.every((date) => date === dates[0]);
  return times.map((time, index) => {
    const text = formatted(clock, time);
    return isOneDay ? text : `${dates[index]}, ${text}`;
  });
}

/** The time that is left, as roughly as it is known: a few seconds left, about 2 min left. */
export function describeLeft(seconds: number): string {
  if (seconds < 8) return "a few seconds left";
  if (seconds < 55) return `about ${10 * Math.round(seconds / 10)} s left`;
  if (seconds < 55 * MINUTE) return `about ${Math.round(seconds / MINUTE)} min left`;
  return `about ${Math.round((2 * seconds) / HOUR) / 2} h left`;
}
