// What a frame holds that is stored at an await, with types: for who points at the word.
//
//   await listen(decision)            →   listen:decision · kept: expense: { amount: number }, reminders: number
//   for await (const line of lines)   →   what is kept between two rounds
//   await using lock = open()         →   what is kept while the end of the block disposes of it

import ts from "typescript";
import type { Compiled } from "../compile.ts";
import type { Point, Slot } from "../ir.ts";
import { TypedFile } from "./file.ts";
import { TypedProgram } from "./program.ts";
import { Stops } from "./stops.ts";

export interface KeptAt {
  /** The id of the resume point. */
  readonly point: string;
  /** Of the word `await`. */
  readonly start: number;
  /** An expression that is awaited, each round of a `for await`, or the end of a block with `await using`. */
  readonly waits: "there" | "each round" | "at the end";
  /** What is awaited is surely durable; else it may be. */
  readonly stops: boolean;
  /** In the order of the frame. A type is absent for what has no name in the source. */
  readonly locals: readonly { readonly name: string; readonly type?: string }[];
}

/** Undefined where no `await` of a flow is at `position`. */
export function keptAt(api: typeof ts, program: ts.Program, file: ts.SourceFile, compiled: Compiled, position: number): KeptAt | undefined {
  for (const { machines } of compiled.lowered) {
    for (const { points } of machines.values()) {
      for (const point of points) {
        const { id, node, live } = point;
        if (node.pos > position || node.end < position) continue;
        const start = wordsOf(point).map((word) => word.getStart()).find((at) => at <= position && position <= at + "await".length);
        if (start === undefined) continue;
        const at = new TypedFile(new TypedProgram(api, program), file, compiled.lowered);
        const waits = point.what === "for-await" ? "each round" : point.what === "dispose" ? "at the end" : "there";
        return { point: id, start, waits, stops: new Stops(at).isStop(point), locals: live.list().map((slot) => localOf(slot, at)) };
      }
    }
  }
  return undefined;
}

/** The nodes that begin with the word `await` of a point. */
function wordsOf({ node, what }: Point): readonly ts.Node[] {
  if (what === "for-await") return ts.isForOfStatement(node) && node.awaitModifier ? [node.awaitModifier] : [];
  return what === "dispose" ? awaitUsing(node) : ts.isAwaitExpression(node) ? [node] : [];
}

/** Those of a block, or of the head of a loop. */
function awaitUsing(scope: ts.Node): readonly ts.Node[] {
  const lists = ts.isBlock(scope) ? scope.statements.flatMap((statement) => (ts.isVariableStatement(statement) ? [statement.declarationList] : []))
    : ts.isForStatement(scope) || ts.isForOfStatement(scope) ? [scope.initializer].flatMap((head) => (head && ts.isVariableDeclarationList(head) ? [head] : [])) : [];
  return lists.filter(({ flags }) => (flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.AwaitUsing);
}

const unnamed: { readonly [kind in Slot["kind"]]?: string } = {
  cursor: "(where the loop is)",
  resources: "(what is to be disposed of)",
  completion: "(how it is left)",
};

function localOf({ binding, key, kind }: Slot, at: TypedFile): { readonly name: string; readonly type?: string } {
  const name = binding && at.nameAt(binding.node);
  if (name === undefined) return { name: unnamed[kind] ?? key.replace(/^~\((.*)\)$/, "$1") };
  const { checker } = at.program;
  return { name: name.text, type: checker.typeToString(checker.getTypeAtLocation(name), name) };
}
