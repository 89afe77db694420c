// Minimality: a frame holds what may be read after its resume point, and nothing else. What the compiler says that each point keeps
// is compared with a liveness of its own, counted over the source (liveness/); what stored strands hold, with what their point says.
//
//   let a = f(); await L(1); a = g(); await L(2); return a     the first stop must not keep `a`, the second must

import ts from "typescript";
import type { PointInfo } from "../../../compiler/index.ts";
import type { LiveRun } from "../../../runtime/run/step.ts";
import { type Stopped, stopsOf } from "./liveness/liveness.ts";
import { activationOf } from "./liveness/names.ts";
import { leastIterators, mostCompletions, mostIterators, mostResources, mostTemporaries } from "./liveness/operands.ts";
import { objection, type Oracle } from "./oracle.ts";

type Kept = Pick<PointInfo, "unit" | "point" | "start" | "locals">;

export const minimality: Oracle = {
  name: "minimality",
  async run(drive, { text, points }) {
    const stops = stopsOf(text);
    let found = points.map((point) => wrongAt(point, stops)).find((each) => each !== undefined);
    const run = await drive({ stored: (_, stored) => void (found ??= wrongIn(stored, points)) });
    return found === undefined ? run : objection(run, found);
  },
};

/** The stop in the source that a point stands for; those of a disposal, and of a `return` that is awaited, have none. */
export function stopOf({ start }: Kept, stops: readonly Stopped[]): Stopped | undefined {
  const found = stops.filter(({ node }) => node.getStart() === start);
  return found.length === 1 ? found[0] : undefined;
}

export function wrongAt(point: Kept, stops: readonly Stopped[]): string | undefined {
  const stop = stopOf(point, stops);
  const wrong = stop && (wrongVariables(point, stop) ?? wrongRest(point, stop));
  return wrong && `${point.unit} ${point.point} at ${JSON.stringify(stop.node.getText().slice(0, 40))} keeps { ${point.locals.join(", ")} }: ${wrong}`;
}

/**
 * Two variables of one name have the keys `x~1/2` and `x~2/2`; which is which is the compiler's own business, so they are counted. So is whether one may not
 * be initialised yet: `x~early`.
 */
function wrongVariables({ locals }: Kept, { may, must, node }: Stopped): string | undefined {
  const kept = counted(locals.filter((key) => !isOther(key)).map((key) => key.replace(/(?<=.)~early$/, "").replace(/(?<=.)~(?:\d+\/\d+|apart)$/, "")));
  const most = counted([...may].map(({ name }) => name));
  for (const [name, count] of kept) if (count > (most.get(name) ?? 0)) return `${name} is dead`;
  const least = hasOthers(node) ? new Map<string, number>() : counted([...must].map(({ name }) => name));
  for (const [name, count] of least) if (count > (kept.get(name) ?? 0)) return `${name} is live`;
  return undefined;
}

/** A loop over awaited values has further stops, which close its iterator; a `yield` of an async generator, those that await what it is given. */
function hasOthers(node: ts.Node): boolean {
  return ts.isForOfStatement(node) || (ts.isYieldExpression(node) && /^\s*async\b/.test(activationOf(node)?.getText() ?? ""));
}

/** `~(price())`, `~it1`, `~c1`, `~u1`: what is held that the source has no name for. */
function wrongRest({ locals }: Kept, { node }: Stopped): string | undefined {
  const of = (form: RegExp): number => locals.filter((key) => form.test(key)).length;
  const closing = hasOthers(node) ? 0 : leastIterators(node);
  const counts: [what: string, count: number, least: number, most: number][] = [
    ["temporaries", of(/^~\(/), 0, mostTemporaries(node)],
    ["iterators", of(/^~it\d+$/), closing, mostIterators(node)],
    ["completions", of(/^~c\d+$/), 0, mostCompletions(node)],
    ["lists of resources", of(/^~u\d+$/), 0, mostResources(node)],
  ];
  for (const [what, count, least, most] of counts) if (count < least || count > most) return `${count} ${what}, where there are ${least} to ${most}`;
  return undefined;
}

function isOther(key: string): boolean {
  return /^~(?:\(.*|(?:it|c|u)\d+)$/.test(key);
}

/** What strands hold that their point does not name, or the other way round. */
function wrongIn(run: LiveRun, points: readonly Kept[]): string | undefined {
  for (const { meta, point: id, locals } of run.strands) {
    const known = points.find(({ unit, point }) => unit === meta.id && point === id);
    if (known === undefined) continue;
    const held = Object.keys(locals).toSorted().join(", ");
    if (held !== [...known.locals].toSorted().join(", ")) return `a strand at ${meta.id} ${id} holds { ${held} }, its point keeps { ${known.locals.join(", ")} }`;
  }
  return undefined;
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
