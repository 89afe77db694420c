// Kinds whose whole state is a text.
//
//   Date {"$d":"2024-05-01T00:00:00.000Z"}, invalid {"$d":null}   RegExp {"$r":[source, flags, lastIndex]}
//   URL {"$l":href}   URLSearchParams {"$q":"a=1&b=2"}

import { extraKeys, indexPayload, listPayload, textPayload } from "../fields.ts";
import { shared } from "../../realm/shared.ts";
import { isWellKnown } from "../scalars.ts";
import { corrupt, refuse, type Kind } from "../kind.ts";

const iso = /^(\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export const date: Kind<Date> = {
  tag: "$d",
  prototypes: [Date.prototype],
  encode(value) {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? null : isoText(value);
  },
  extras: (value) => extraKeys(value),
  create(payload) {
    if (payload === null) return new Date(NaN);
    // Only the form that encode writes: other texts depend on the time zone of the reader.
    const value = iso.test(textPayload(payload)) ? new Date(payload as string) : undefined;
    return value === undefined || Number.isNaN(value.getTime()) ? corrupt("`$d` must be an ISO date or null") : value;
  },
};

/** What toISOString gives, in a third of its time: dates are the most frequent of rich values. */
export function isoText(value: Date): string {
  const year = value.getUTCFullYear();
  if (year < 1000 || year > 9999) return value.toISOString();
  const milliseconds = value.getUTCMilliseconds();
  const zeros = milliseconds > 99 ? "" : milliseconds > 9 ? "0" : "00";
  const day = `${year}-${two(value.getUTCMonth() + 1)}-${two(value.getUTCDate())}`;
  return `${day}T${two(value.getUTCHours())}:${two(value.getUTCMinutes())}:${two(value.getUTCSeconds())}.${zeros}${milliseconds}Z`;
}

function two(number: number): string {
  return number > 9 ? String(number) : `0${number}`;
}

const sourceOf = Object.getOwnPropertyDescriptor(RegExp.prototype, "source")?.get as () => string;
const flagsOf = Object.getOwnPropertyDescriptor(RegExp.prototype, "flags")?.get as () => string;

export const regexp: Kind<RegExp> = {
  tag: "$r",
  prototypes: [RegExp.prototype],
  encode(value) {
    const source = sourceOf.call(value);
    const { lastIndex } = value;
    if (Object.getOwnPropertyDescriptor(value, "lastIndex")?.writable !== true && !Object.isFrozen(value)) refuse("a RegExp whose lastIndex is read-only");
    if (!Number.isInteger(lastIndex) || lastIndex < 0) refuse("a RegExp whose lastIndex is not a whole number");
    return [source, flagsOf.call(value), lastIndex];
  },
  extras: (value) => extraKeys(value, (key) => key === "lastIndex"),
  create(payload) {
    const [source, flags, lastIndex, ...more] = listPayload(payload);
    if (more.length > 0) corrupt("`$r` must be source, flags and lastIndex");
    const value = attempt(() => new RegExp(textPayload(source), textPayload(flags)), "`$r` is not a regular expression");
    value.lastIndex = indexPayload(lastIndex, Number.MAX_SAFE_INTEGER);
    return value;
  },
};

const hrefOf = (typeof URL === "function" ? Object.getOwnPropertyDescriptor(URL.prototype, "href")?.get : undefined) as (this: URL) => string;

export const url: Kind<URL> = {
  tag: "$l",
  prototypes: typeof URL === "function" ? [URL.prototype] : [],
  encode(value) {
    return hrefOf.call(value);
  },
  extras: urlExtras,
  create: (payload) => attempt(() => new URL(textPayload(payload)), "`$l` is not a URL"),
};

export const urlSearchParams: Kind<URLSearchParams> = {
  tag: "$q",
  prototypes: typeof URLSearchParams === "function" ? [URLSearchParams.prototype] : [],
  encode: (value) => (URLSearchParams.prototype.toString as (this: URLSearchParams) => string).call(value),
  extras: urlExtras,
  create: (payload) => new URLSearchParams(textPayload(payload)),
};

/** Some versions of Node keep their own state under symbols. */
function urlExtras(value: object): readonly PropertyKey[] {
  return extraKeys(value).filter((key) => typeof key !== "symbol" || Symbol.keyFor(key) !== undefined || shared.symbols.has(key) || isWellKnown(key));
}

function attempt<T>(make: () => T, problem: string): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return corrupt(problem);
    throw error;
  }
}
