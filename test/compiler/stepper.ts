// A debugger without a window: breaks in a function of a script, steps over until it ends, and tells every place it paused at.
// The session is of this thread, so each command is done within the event that asks for it.

import { Session, type Debugger, type Runtime } from "node:inspector";
import { Script } from "node:vm";

/** In the script, both from 0. */
interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Pause extends Place {
  /** The function that is paused in, and its variables. */
  readonly name: string;
  readonly variables: readonly string[];
}

let scripts = 0;

/** Runs `text` as the body of a function of `names`, then what `start` makes of its result, stepping from the first breakpoint on, through `limit` pauses. */
export async function step(text: string, names: Record<string, unknown>, breakpoints: readonly Place[], start: (result: never) => Promise<unknown>, limit = 2000): Promise<Pause[]> {
  const url = `stepped:${++scripts}`;
  const make = new Script(`(function (${Object.keys(names).join(", ")}) {${text}\n})`, { filename: url }).runInThisContext() as (...args: unknown[]) => never;
  const result = make(...Object.values(names));
  const session = new Session();
  session.connect();
  const pauses: Pause[] = [];
  let script: string | undefined;
  session.on("Debugger.paused", ({ params }) => {
    const top = params.callFrames[0] as Debugger.CallFrame;
    const { lineNumber: line, columnNumber: column = 0 } = top.location;
    const inside = top.location.scriptId === script;
    if (inside) pauses.push({ line, column, name: top.functionName, variables: variablesOf(session, top) });
    session.post(pauses.length >= limit ? "Debugger.resume" : inside ? "Debugger.stepOver" : "Debugger.stepOut");
  });
  session.post("Debugger.enable");
  session.post("Debugger.setBlackboxPatterns", { patterns: ["^(?!stepped:)"] });
  for (const { line, column } of breakpoints) {
    session.post("Debugger.setBreakpointByUrl", { url, lineNumber: line, columnNumber: column }, (_, { locations }) => {
      script ??= locations[0]?.scriptId;
    });
  }
  try {
    if (script === undefined) throw new Error(`no place for a breakpoint in ${JSON.stringify(breakpoints)}`);
    await start(result);
  } finally {
    session.disconnect();
  }
  return pauses;
}

function variablesOf(session: Session, frame: Debugger.CallFrame): string[] {
  const found: string[] = [];
  const inFunction = frame.scopeChain.filter(({ type }) => type === "local" || type === "block" || type === "catch");
  for (const { object } of inFunction) {
    session.post("Runtime.getProperties", { objectId: object.objectId as string, ownProperties: true }, (_, { result }: Runtime.GetPropertiesReturnType) => {
      found.push(...result.map(({ name }) => name));
    });
  }
  return found;
}
