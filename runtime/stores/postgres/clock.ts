// Whose clock leases run out by: the database's, which all machines share, or the caller's, which tests set.
//
// `clock_timestamp()`, since `now()` stands still in a transaction. Timers and all other times are the callers'.

/** Whose clock leases run out by: the database's, which all machines share, or the caller's. */
export type LeaseClock = "database" | "caller";

/** SQL for the time that leases are judged by, where `now` is SQL for the caller's. */
export type LeaseNow = (now: string) => string;

export function leaseNowOf(clock: LeaseClock): LeaseNow {
  // `now` is there in any case: a parameter that is in no place of a statement is an error.
  return clock === "caller" ? (now) => now : (now) => `coalesce((extract(epoch from clock_timestamp()) * 1000)::bigint, ${now})`;
}
