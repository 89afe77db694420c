// deflow/patterns: what can be said with the operations, ready made.

export { cancel } from "./cancel.ts";
export { within } from "./within.ts";
