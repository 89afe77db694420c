// deflow.lock.d.ts: the locals of each released point with their types, for `migrate`.

import type { Lock, Slots, Version } from "../compiler/index.ts";
import { keyed } from "../compiler/lock/words.ts";

/** Named locals alone: what the compiler keeps is carried over by itself. */
export function declarationsOf({ flows }: Lock): string {
  const texts = Object.keys(flows).sort().map((name) => {
    const points = Object.entries(flows[name]?.points ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    const lines = points.flatMap(([key, point]) => distinct([point, ...(point.was ?? [])]).map(({ fingerprint, slots }) => `      ${JSON.stringify(`${key.startsWith(`${name} `) ? key.slice(name.length + 1) : key}@${fingerprint}`)}: ${localsText(slots)};`));
    return `    ${JSON.stringify(name)}: {\n${lines.join("\n")}\n    };`;
  });
  return `// Written by \`deflow lock\`: what frames of released code hold, for \`migrate\`.\n\nimport "deflow";\n\ndeclare module "deflow" {\n  interface Released {\n${texts.join("\n")}\n  }\n}\n`;
}

/** Of versions with one fingerprint, which differ in what no migration is given, the latest. */
function distinct(versions: readonly Version[]): readonly Version[] {
  return versions.filter(({ fingerprint }, i) => versions.findIndex((other) => other.fingerprint === fingerprint) === i);
}

function localsText(slots: Slots): string {
  const fields = Object.entries(slots).filter(([key]) => !key.startsWith("~") && key !== "this").map(([key, type]) => `${keyed(key)}: ${type || "unknown"}`);
  return fields.length > 0 ? `{ ${fields.join("; ")} }` : "{}";
}

export const lockTypes = "deflow.lock.d.ts";

/** What to do where TypeScript does not read it: `migrate` takes any text for a point then. */
export const unreadTypes = `Add ${lockTypes} to "include" (or "files") in tsconfig.json: the types of \`migrate\` for what is released are in it.`;
