// The passes by name, in their order.

export const passes = ["find", "scope", "check", "spill", "lower", "live", "name", "emit"] as const;
export type Pass = (typeof passes)[number];
