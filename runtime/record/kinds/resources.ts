// {"$using": [[[value, method, hint], …], awaits]}: the resources of a block with `using`, at a stop in it.

import { corrupt, via, type Json, type Kind } from "../../codec/kind.ts";
import { listPayload } from "../../codec/fields.ts";
import { Resources, type Hint } from "../../values/resources.ts";

export const resourcesKind: Kind<Resources> = {
  tag: "$using",
  prototypes: [Resources.prototype],
  encode: ({ list, awaits }, write) => [
    list.map(({ value, method, hint }, index) => [write(value, via(`[${index}]`)), write(method, via(`[${index}] disposal`)), hint]),
    awaits,
  ],
  create: () => new Resources(),
  fill(resources, payload, read) {
    const [list, awaits] = listPayload(payload);
    resources.list = listPayload(list).map((entry, index) => {
      const [value, method, hint] = listPayload(entry) as [Json, Json, Json];
      const dispose = read(method, via(`[${index}] disposal`));
      if (typeof dispose !== "function" && hint !== "nothing") corrupt("expected how a resource is disposed");
      return { value: read(value, via(`[${index}]`)), method: dispose, hint: hintOf(hint) };
    });
    resources.awaits = awaits === "none" || awaits === "due" || awaits === "done" ? awaits : corrupt("expected none, due or done");
  },
};

function hintOf(hint: Json): Hint {
  return hint === "sync" || hint === "async" || hint === "wrapped" || hint === "nothing" ? hint : corrupt("expected how a resource is disposed");
}
