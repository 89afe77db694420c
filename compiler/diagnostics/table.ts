// Every diagnostic of the compiler, by code. Passes call these functions; no message text stands anywhere else.
//
// 1xx your code · 2xx never supported · 3xx not yet · 4xx released code · 5xx what types tell · 9xx a bug of the compiler.

import type ts from "typescript";
import type { Diagnostic, Severity } from "./diagnostic.ts";

interface Entry {
  readonly severity: Severity;
  readonly message: (name: string, detail: string) => string;
  readonly fix: string | ((detail: string) => string);
}

const TABLE = {
  DF101: {
    severity: "error",
    message: () => "the argument of `deflow` is not an async function written in place",
    fix: "Write it in place: `deflow(async function approve(order) { … })`. Only code that the compiler sees can become a flow.",
  },
  DF102: {
    severity: "error",
    message: () => "`deflow` is called inside a function or a loop, so the flow has no address that outlives the process",
    fix: "Move the flow to the top level of the module and pass what it needs as arguments.",
  },
  DF103: {
    severity: "error",
    message: () => "this flow has no name",
    fix: "Name the function, assign it to a variable, or write `deflow({ name: \"approve\" }, async () => { … })`.",
  },
  DF104: {
    severity: "error",
    message: (name) => `two flows of this file are named \`${name}\``,
    fix: "Give one of them another name: stored runs find their flow by it.",
  },
  DF105: {
    severity: "warning",
    message: (name) => `\`${name}\` is a constant: assigning it throws a TypeError here`,
    fix: "Declare it with `let`, or assign to another variable.",
  },
  DF106: {
    severity: "error",
    message: (name) => `the step function assigns \`${name}\`, a variable of the flow`,
    fix: "Return the value from the step and assign its result: after a crash the step's own assignments are lost.",
  },
  DF107: {
    severity: "error",
    message: (text) => `syntax error: ${text}`,
    fix: "Correct the syntax; nothing of this file was compiled.",
  },
  DF108: {
    severity: "error",
    message: (what) => `this file is a sloppy script, where ${what}`,
    fix: "Begin the file with `\"use strict\"`, or write it as a module, and change what that refuses: flows are strict code.",
  },
  DF109: {
    severity: "warning",
    message: (what) => what,
    fix: (remedy) => remedy,
  },
  DF110: {
    severity: "warning",
    message: () => "the flows of this file are compiled already; it is left as it is",
    fix: "Two tools compile it, or one twice: take deflow out of one of them. Of a plugin and a transformer one is enough.",
  },
  DF201: {
    severity: "unsupported",
    message: () => "direct `eval` inside a flow can reach variables that the compiler has moved",
    fix: "Use `(0, eval)(code)`, which sees globals only, or move the call to a function outside the flow.",
  },
  DF202: {
    severity: "unsupported",
    message: () => "`with` inside a flow makes every name ambiguous",
    fix: "Read the properties you need into constants.",
  },
  DF203: {
    severity: "unsupported",
    message: (name) => `a ${name} cannot be a flow`,
    fix: "Use an async function. To produce values one by one, `respond` to the caller or start one run per value.",
  },
  DF204: {
    severity: "unsupported",
    message: () => "`new.target` has no meaning in a flow: a flow is not a constructor",
    fix: "Remove it.",
  },
  DF205: {
    severity: "unsupported",
    message: (name) => `a TypeScript ${name} is declared inside a flow`,
    fix: "Declare it at the top level of the module.",
  },
  DF206: {
    severity: "unsupported",
    message: () => "this is nested more deeply than the compiler's stack is",
    fix: "Move inner parts to functions of their own, or build long sums and chains in a loop.",
  },
  DF306: {
    severity: "todo",
    message: () => "`await` in a decorator inside a flow is not compiled yet",
    fix: "Await into a constant before the class, and give that to the decorator.",
  },
  DF307: {
    severity: "todo",
    message: () => "a function in a parameter's default value captures a parameter that is assigned or declared again later",
    fix: "Make the function in the body: `options ??= …`.",
  },
  DF310: {
    severity: "todo",
    message: () => "a flow inside a class is not compiled yet",
    fix: "Make the flow a constant of the module.",
  },
  DF311: {
    severity: "todo",
    message: (name) => `what the class \`${name}\` extends, or a computed key of it, uses the class's own name`,
    fix: "Give the class another name than what its head uses.",
  },
  DF401: {
    severity: "error",
    message: (ids, places) => `released code has ${ids}, and which await that is cannot be told: it may be the one of ${places}`,
    fix: (id) => `Label the one that is meant: \`{ label: ${JSON.stringify(id)} }\` among its options; where it has none, give its value a name. Stored runs wait there.`,
  },
  DF402: {
    severity: "error",
    message: (name, sides) => `${name} is released and not there any more: stored runs that refer to it could not go on${sides}`,
    fix: (remedies) => remedies,
  },
  DF403: {
    severity: "error",
    message: (name, difference) => `${name} is released and ${difference}`,
    fix: (remedies) => remedies,
  },
  DF404: {
    severity: "error",
    message: (name, difference) => `${name} is released and ${difference}`,
    fix: (remedies) => remedies,
  },
  DF405: {
    severity: "error",
    message: (id) => `\`${id}\` is the id of a point that was retired`,
    fix: "Choose another label: stored runs that stopped at the retired point would be taken for runs that wait here.",
  },
  DF406: {
    severity: "error",
    message: (file, what) => `${file} is no lock file: ${what}`,
    fix: "Take the version of your last commit. After a merge with conflicts, keep the lines of both sides and run `deflow lock`.",
  },
  DF407: {
    severity: "warning",
    message: (name, difference) => `${name} is released and ${difference}: such runs would be stranded`,
    fix: (remedies) => remedies,
  },
  DF501: {
    severity: "error",
    message: (value, how) => `${value}, and cannot be kept; ${how}`,
    fix: (remedy) => remedy,
  },
  DF502: {
    severity: "warning",
    message: (value, how) => `${value}, and most likely cannot be kept; ${how}`,
    fix: (remedy) => remedy,
  },
  DF503: {
    severity: "warning",
    message: (name, how) => `${name} is of type \`any\`, so nobody knows whether it can be kept; it ${how}`,
    fix: "Give it a type.",
  },
  DF504: {
    severity: "warning",
    message: (name, where) => `the flow assigns \`${name}\`, a variable of the module (${where}), which is no part of the run`,
    fix: "Keep it in a variable of the flow, or in a database by a step: after a stop the run may go on in another process.",
  },
  DF505: {
    severity: "error",
    message: (what) => what,
    fix: (remedy) => remedy || "Call it in a flow: wrap the function in `deflow(…)`, or move the call out of the step. A run is begun by `engine.start` or `begin`.",
  },
  DF506: {
    severity: "warning",
    message: (name) => `the promise of \`${name}\` is dropped: the flow does not wait for it, and its error fails the run`,
    fix: "Await it, or write `void` before it if that is meant.",
  },
  DF507: {
    severity: "warning",
    message: (name, how) => `an async function that stops the run is given to \`${name}\`, ${how}`,
    fix: "Write the loop in the flow, or `await Promise.all(items.map(async …))`; what needs no operation can be a step.",
  },
  DF901: {
    severity: "bug",
    message: (text) => `the compiler broke one of its own rules: ${text}`,
    fix: "Please report it with the source of this flow.",
  },
} as const satisfies Record<string, Entry>;

export type Code = keyof typeof TABLE;

export const codes = Object.keys(TABLE) as Code[];

export function isCode(text: string): text is Code {
  return Object.hasOwn(TABLE, text);
}

export function severityOf(code: Code): Severity {
  return TABLE[code].severity;
}

/** Where the pages are, in the repository and in the package. */
const DOCS = "compiler/diagnostics/";

/** The diagnostic `code` about `node`; `name` and `detail` fill the message, `remedy` what to do. */
export function diagnose(code: Code, node: ts.Node, name = "", detail = "", remedy = ""): Diagnostic {
  const start = node.getStart();
  return diagnoseAt(code, start, node.end - start, name, detail, remedy);
}

export function diagnoseAt(code: Code, start: number, length: number, name = "", detail = "", remedy = ""): Diagnostic {
  const { severity, message, fix } = TABLE[code] as Entry;
  return { code, severity, message: message(name, detail), fix: typeof fix === "string" ? fix : fix(remedy), docs: `${DOCS}${code}.md`, start, length };
}

/** Thrown where an invariant of the compiler breaks; `compile` turns it into DF901 for the flow concerned. */
export class CompilerBug extends Error {
  readonly node: ts.Node | undefined;

  constructor(what: string, node?: ts.Node) {
    super(what);
    this.name = "CompilerBug";
    this.node = node;
  }
}

/** Ends a dispatch over a closed set. */
export function unreachable(what: never): never {
  throw new CompilerBug(`unexpected ${String((what as { kind?: unknown }).kind ?? what)}`);
}
