// The passes by name, in their order.

/** The passes of the compiler, in their order. */
export const passes = ["find", "scope", "check", "spill", "lower", "live", "name", "emit"] as const;
/** A pass, by its name. */
export type Pass = (typeof passes)[number];
