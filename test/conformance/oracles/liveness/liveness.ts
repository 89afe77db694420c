// Liveness of a program's own variables from its source alone, backward over the syntax tree. Nothing of the compiler is used.
//
// It is counted twice. `may`: every way that control could take, an assignment only where nothing can come between; what is not
// in it is certainly dead. `must`: only ways that are there for certain, and every possible assignment counts; what is in it is
// certainly live. What is in the one and not in the other is not judged.

import ts from "typescript";
import { expressions } from "./expressions.ts";
import { activationOf, type Activation, Names } from "./names.ts";
import { Statements } from "./statements.ts";
import { type Live, nothing, union } from "./ways.ts";

type Mode = "may" | "must";

/** What is live when control comes back to a place where it stopped. */
export interface Stopped {
  readonly node: ts.Node;
  readonly activation: Activation;
  /** How many variables its function has. */
  readonly declared: number;
  readonly may: Live;
  readonly must: Live;
}

/** One count over one text: what it knows, and what it has found. */
export class Count {
  readonly stops = new Map<ts.Node, Live>();
  readonly names: Names;
  readonly mode: Mode;
  constructor(names: Names, mode: Mode) {
    this.names = names;
    this.mode = mode;
  }

  get may(): boolean {
    return this.mode === "may";
  }

  /** Loops come here more than once. */
  stop(node: ts.Node, live: Live): Live {
    const all = union(this.stops.get(node) ?? nothing, live);
    this.stops.set(node, all);
    return all;
  }
}

/** The stops of all functions of a text. */
export function stopsOf(text: string): Stopped[] {
  const names = new Names(text);
  const may = new Count(names, "may");
  const must = new Count(names, "must");
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) for (const count of [may, must]) activation(node.body as ts.ConciseBody, count);
    ts.forEachChild(node, visit);
  };
  visit(names.file);
  return [...may.stops].flatMap(([node, live]) => {
    const holder = activationOf(node);
    if (holder === undefined) return [];
    const own = (all: Live): Live => new Set([...all].filter((each) => each.activation === holder));
    return [{ node, activation: holder, declared: names.declaredIn(holder).length, may: own(live), must: own(must.stops.get(node) ?? nothing) }];
  });
}

function activation(body: ts.ConciseBody, count: Count): void {
  const ways = { throws: nothing, returns: () => nothing, breaks: new Map(), continues: new Map() };
  if (ts.isBlock(body)) new Statements(count).list(body.statements, nothing, ways);
  else expressions(count, ways).before(body, nothing);
}
