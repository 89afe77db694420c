// {"$p": n}: the durable promise number n of the record's `ops`.

import { corrupt, type Kind, refuse } from "../../codec/kind.ts";
import { DurablePromise, fields } from "../../promises/durable.ts";
import { durableAt, isRefused, placeOfDurable } from "../session.ts";

export const durableKind: Kind<DurablePromise> = {
  tag: "$p",
  prototypes: [DurablePromise.prototype],
  named: true,
  encode(promise) {
    // Symbols are the host's: Node marks promises for its async hooks.
    const extra = Object.keys(promise).find((key) => !fields.has(key));
    if (extra !== undefined) refuse(`a promise with the property \`${extra}\``, "Keep it beside the promise: in a variable, or in a Map by the promise.");
    if (isRefused(promise)) refuse("a promise that ordinary code is to settle", "Await it before the run waits for an operation, or let a strand of the flow settle it.");
    return placeOfDurable(promise) ?? refuse("the promise of another run, or of no run", "Only the run that made a promise can keep it.");
  },
  create(payload) {
    const promise = typeof payload === "number" ? durableAt(payload) : undefined;
    return promise ?? corrupt("`$p` is not a place in `ops`");
  },
};
