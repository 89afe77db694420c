// {"$resolve": promise} and {"$reject": promise}: the resolving functions of a `new Promise` made in a flow; of null once they have
// nothing to settle.

import { corrupt, type Kind, via } from "../../codec/kind.ts";
import { extraKeys } from "../../codec/fields.ts";
import { restoredResolver, settledBy } from "../../promises/deferred.ts";
import { durableOf, FULFILLED, REJECTED } from "../../promises/durable.ts";
import type { CompiledFunction, Resolver } from "../../strands/registry.ts";
import { noteResolver } from "../session.ts";
import { shared } from "../../realm/shared.ts";

function resolverKind(tag: string, state: Resolver["state"]): Kind<CompiledFunction> {
  return {
    tag,
    test: (value) => {
      const of = shared.tags.get(value);
      return of?.kind === "resolver" && of.state === state;
    },
    encode(value, write) {
      const target = settledBy(shared.tags.get(value) as Resolver);
      if (target === undefined) return null;
      noteResolver(target);
      return write(target.native, via("(promise)"));
    },
    extras: (value) => extraKeys(value, (key) => key === "name" || key === "length"),
    create(payload, read) {
      if (payload === null) return restoredResolver(undefined, state);
      const target = durableOf(read(payload, via("(promise)")));
      if (target === undefined) return corrupt(`\`${tag}\` is of no promise`);
      noteResolver(target);
      return restoredResolver(target, state);
    },
  };
}

export const resolverKinds = [resolverKind("$resolve", FULFILLED), resolverKind("$reject", REJECTED)] as const;
