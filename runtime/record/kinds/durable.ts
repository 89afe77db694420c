// {"$p": n}: the durable promise number n of the record's `ops`.

import { corrupt, type Kind, refuse } from "../../codec/kind.ts";
import { CallbackHalf, durableOf, NativeHalf } from "../../promises/durable.ts";
import { durableAt, isRefused, placeOfDurable } from "../session.ts";

export const durableKind: Kind<NativeHalf> = {
  tag: "$p",
  prototypes: [NativeHalf.prototype, CallbackHalf.prototype],
  named: true,
  encode(promise) {
    const whole = durableOf(promise) ?? refuse("an object that inherits from a promise");
    if (isRefused(whole)) refuse("a promise that ordinary code is to settle", "Await it before the run waits for an operation, or let a strand of the flow settle it.");
    return placeOfDurable(whole) ?? refuse("the promise of another run, or of no run", "Only the run that made a promise can keep it.");
  },
  create(payload) {
    const promise = typeof payload === "number" ? durableAt(payload) : undefined;
    return promise?.native ?? corrupt("`$p` is not a place in `ops`");
  },
};
