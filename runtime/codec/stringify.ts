// JSON.stringify that calls nobody's `toJSON`.
//
// The trees are made of plain objects and arrays. Only a `toJSON` on the shared prototypes could reach them, which some
// old libraries install; then the text is put together here.

import type { Json } from "./kind.ts";

export function stringify(json: Json): string {
  if ("toJSON" in Object.prototype || "toJSON" in Array.prototype) return joined(json);
  return JSON.stringify(json);
}

function joined(json: Json): string {
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  if (Array.isArray(json)) return `[${json.map(joined).join(",")}]`;
  return `{${Object.keys(json)
    .map((key) => `${JSON.stringify(key)}:${joined(json[key] as Json)}`)
    .join(",")}}`;
}
