// Durations: milliseconds as a number, or "3 days", "90 s", "1h". A typo does not compile.

import { InvalidArgumentError } from "../errors/run.ts";

type Unit = "ms" | "millisecond" | "s" | "second" | "m" | "minute" | "h" | "hour" | "d" | "day" | "w" | "week";
type Plural = "milliseconds" | "seconds" | "minutes" | "hours" | "days" | "weeks";

/**
 * A length of time: a number is milliseconds; a text is a number and a unit, "90 s", "1h", "2 days": ms, s, m, h, d, w, or millisecond(s), second(s),
 * minute(s), hour(s), day(s), week(s). A part of a millisecond counts as a whole one. What is none throws InvalidArgumentError where it is given.
 */
export type Duration = number | `${number} ${Unit | Plural}` | `${number}${"ms" | "s" | "m" | "h" | "d" | "w"}`;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units: Readonly<Record<string, number>> = {
  ms: 1, millisecond: 1, s: second, second, m: minute, minute, h: hour, hour, d: day, day, w: 7 * day, week: 7 * day,
};

/** In milliseconds; throws InvalidArgumentError for what is no duration, or a negative one. */
export function milliseconds(duration: Duration, what = "The duration"): number {
  const value = typeof duration === "number" ? duration : parse(duration);
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
    throw new InvalidArgumentError(what, JSON.stringify(duration) ?? String(duration), "a number of milliseconds or a text like \"3 days\", and not negative");
  }
  return Math.ceil(value);
}

function parse(text: unknown): number {
  const match = typeof text === "string" ? /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/.exec(text) : null;
  const name = match?.[2] ?? "";
  const unit = Object.hasOwn(units, name) ? units[name] : name.length > 2 && name.endsWith("s") ? units[name.slice(0, -1)] : undefined;
  return unit === undefined ? Number.NaN : Number(match?.[1]) * unit;
}

/** For people: the text as it was written, or a number in its largest whole unit. */
export function durationText(duration: Duration): string {
  if (typeof duration === "string") return duration;
  for (const [name, size] of [["day", day], ["hour", hour], ["minute", minute], ["second", second]] as const) {
    if (duration >= size && duration % size === 0) return `${duration / size} ${name}${duration === size ? "" : "s"}`;
  }
  return `${duration} ms`;
}
