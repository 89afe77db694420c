// Mutations of our own compiler and runtime, each one mistake that such a compiler could have. A mutant is a copy of the sources
// in which `anchor`, which stands exactly once in `file`, is replaced; the programs named must come out wrong at `level`.
// A mutant that survives says that the corpus cannot see that mistake; an anchor that is gone, that the mutant must be written anew.

import type { Level } from "../program.ts";

export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly anchor: string;
  readonly instead: string;
  /** The level at which the programs show it: what only stored runs show is seen from L1 on. */
  readonly level: Level;
  readonly caughtBy: readonly string[];
}

export const mutants: readonly Mutant[] = [
  // Order of evaluation.
  {
    name: "operand-not-kept", // an operand before an await is evaluated after it
    file: "compiler/passes/4-spill.ts",
    anchor: "if (facts.suspends(node) || needsKeeping(node, as, facts, immutable)) spills.set(node, as);",
    instead: "if (facts.suspends(node)) spills.set(node, as);",
    level: "L0", caughtBy: ["order/operand-variable", "order/argument-values-kept"],
  },
  {
    name: "substitution-converted-late",
    file: "compiler/passes/4-spill.ts",
    anchor: `({ node: span.expression, as: "string" })`,
    instead: `({ node: span.expression, as: "value" })`,
    level: "L0", caughtBy: ["templates/order-of-strings", "templates/symbol-throws-in-place"],
  },
  {
    name: "callee-after-arguments",
    file: "compiler/passes/5-lower-calls.ts",
    anchor: "const callee = readCallee(b, node.expression);\n  return invoke(b, callee, argumentList(b, node));",
    instead: "const list = argumentList(b, node);\n  return invoke(b, readCallee(b, node.expression), list);",
    level: "L0", caughtBy: ["order/callee-before-arguments", "order/callee-variable-reassigned"],
  },
  {
    name: "receiver-lost",
    file: "compiler/passes/5-lower-calls.ts",
    anchor: "return { fn: b.holdCalled(target, [target]), self };",
    instead: "return { fn: b.holdCalled(target, [target]), self: null };",
    level: "L0", caughtBy: ["calls/method-on-awaited-arguments"],
  },
  {
    name: "chain-arguments-before-its-test", // a?.(await b) awaits though a is null
    file: "compiler/passes/5-lower-calls.ts",
    anchor: `if (chain.questionDotToken) skipIfNothing(b, base, nothing, chain);
  if (ts.isCallExpression(chain)) return { fn: invoke(b, { fn: [base], self }, argumentList(b, chain)), self: null };`,
    instead: `const list = ts.isCallExpression(chain) ? argumentList(b, chain) : [];
  if (chain.questionDotToken) skipIfNothing(b, base, nothing, chain);
  if (ts.isCallExpression(chain)) return { fn: invoke(b, { fn: [base], self }, list), self: null };`,
    level: "L0", caughtBy: ["optional/skip-whole-chain"],
  },
  {
    name: "old-value-after-await", // x += await y reads x too late
    file: "compiler/passes/5-lower-assignments.ts",
    anchor: "b.code([old, \" = \", node.left], node.left, old);\n  const operator = node.operatorToken.getText().slice(0, -1);",
    instead: "const late = expression(b, node.right);\n  b.code([old, \" = \", node.left], node.left, old);\n  return [\"(\", node.left, \" = \", old, ` ${node.operatorToken.getText().slice(0, -1)} (`, ...late, \"))\"];\n  const operator = \"\";",
    level: "L0", caughtBy: ["references/compound-old-value", "references/compound-member"],
  },
  {
    name: "default-evaluated-eagerly",
    file: "compiler/passes/5-lower-patterns.ts",
    anchor: `  b.end({ kind: "branch", test: [value, " === undefined"], then: absent.id, else: after.id, at: node });
  b.place(absent);
  b.code([value, " = ", ...expression(b, node)], node, value);`,
    instead: `  const eager = b.temp();
  b.code([eager, " = ", ...expression(b, node)], node, eager);
  b.end({ kind: "branch", test: [value, " === undefined"], then: absent.id, else: after.id, at: node });
  b.place(absent);
  b.code([value, " = ", eager], node, value);`,
    level: "L0", caughtBy: ["destructuring/array-defaults-lazy", "destructuring/object-defaults-lazy"],
  },

  // Bindings.
  {
    name: "cell-not-copied-per-round",
    file: "compiler/passes/5-lower-bindings.ts",
    anchor: "b.code([slot, ` = ${b.input.prefix}.copy(`, slot, \")\"], at, slot);",
    instead: "",
    level: "L0", caughtBy: ["bindings/for-let-per-iteration", "bindings/for-let-continue-copies"],
  },
  {
    name: "cell-copied-after-update",
    file: "compiler/passes/5-lower-loops.ts",
    anchor: "copyCells(b, scope, node);\n  if (node.incrementor) discard(b, node.incrementor);",
    instead: "if (node.incrementor) discard(b, node.incrementor);\n  copyCells(b, scope, node);",
    level: "L0", caughtBy: ["bindings/for-let-per-iteration", "bindings/for-let-closure-in-init"],
  },
  {
    name: "one-slot-for-shadowing-names",
    file: "compiler/passes/2-scope-cells.ts",
    anchor: "binding.slot = slot(binding.name);",
    instead: "binding.slot = binding.name;",
    level: "L0", caughtBy: ["bindings/shadowing-block", "bindings/shadowing-many"],
  },
  {
    name: "one-key-for-nested-iterators", // two slots of one frame under one key
    file: "compiler/passes/5-lower.ts",
    anchor: "key: `~${short}${(this.chain?.[kind] ?? 0) + 1}`",
    instead: "key: `~${short}1`",
    level: "L1", caughtBy: ["for-of/outer-break-closes-both", "for-of/outer-continue-closes-inner"],
  },
  {
    name: "mutated-variable-captured-by-value",
    file: "compiler/passes/2-scope-cells.ts",
    anchor: "binding.captured ? binding.mutated || binding.early",
    instead: "binding.captured ? binding.early",
    level: "L0", caughtBy: ["closures/captured-then-assigned", "closures/shared-counter"],
  },
  {
    name: "let-not-reset",
    file: "compiler/passes/5-lower-bindings.ts",
    anchor: "if (kind !== \"var\") bindName(b, node.name, [\"undefined\"], node);",
    instead: "",
    level: "L0", caughtBy: ["bindings/block-let-reset"],
  },
  {
    name: "dead-zone-not-checked",
    file: "compiler/passes/8-emit-names.ts",
    anchor: ".check(${base}, ${quoted}).v` : `${e.$}.get(${base}, ${quoted})`",
    instead: ".check(${base}, ${quoted}).v` : `${base}.v`",
    level: "L0", caughtBy: ["tdz/read-before-let", "tdz/closure-called-early"],
  },
  {
    name: "early-closures-take-copies", // of what is declared after them
    file: "compiler/passes/2-scope-cells.ts",
    anchor: "binding.early = hasDeadZone(binding) && binding.references.some((r) => isEarly(r, binding));",
    instead: "binding.early = false;",
    level: "L0", caughtBy: ["tdz/closure-called-early", "closures/captured-before-initialised"],
  },

  // Jumps, exceptions, iterators.
  {
    name: "update-skipped-by-continue",
    file: "compiler/passes/5-lower-loops.ts",
    anchor: "body(b, node, labels, after, update, region);",
    instead: "body(b, node, labels, after, ts.isForStatement(node) ? test : update, region);",
    level: "L0", caughtBy: ["generators/loops-inside"],
  },
  {
    name: "default-clause-never-taken",
    file: "compiler/passes/5-lower-statements.ts",
    anchor: "b.jump((bodies[clauses.findIndex(ts.isDefaultClause)] ?? after).id, node);",
    instead: "b.jump(after.id, node);",
    level: "L0", caughtBy: ["switch/default-in-middle"],
  },
  {
    name: "completion-without-value", // `finally` loses what is returned through it
    file: "compiler/passes/5-lower-jumps.ts",
    anchor: "const value = destination.to === null ? [\", value: \", b.machine.value] : [];",
    instead: "const value: string[] = [];",
    level: "L0", caughtBy: ["try/return-value-before-finally", "try/return-object-through-finally"],
  },
  {
    name: "finally-swallows-exceptions",
    file: "compiler/passes/8-emit-machine.ts",
    anchor: "case \"throw\": throw ${c}.value;",
    instead: "case \"throw\": break;",
    level: "L0", caughtBy: ["try/catch-rethrow", "try/uncaught"],
  },
  {
    name: "region-not-left", // a handler catches what is thrown after its region
    file: "compiler/passes/8-emit-machine.ts",
    anchor: "if (this.blocks[to]?.region !== from) this.crossed.add(to);",
    instead: "if (this.blocks[to]?.region && this.blocks[to].region !== from) this.crossed.add(to);",
    level: "L0", caughtBy: ["try/throw-in-finally-replaces", "try/uncaught"],
  },
  {
    name: "iterator-not-closed-by-jumps",
    file: "compiler/passes/5-lower-jumps.ts",
    anchor: "else b.code([`${b.input.prefix}.close(`, region.cursor as Slot, \")\"], at);",
    instead: "",
    level: "L0", caughtBy: ["for-of/break-closes", "for-of/return-closes", "for-of/outer-continue-closes-inner"],
  },
  {
    name: "close-for-abandon", // what an iterator's `return` throws wins over the exception that closed it
    file: "compiler/passes/5-lower-loops.ts",
    anchor: "b.code([`${b.input.prefix}.abandon(`, cursor, \")\"], at);",
    instead: "b.code([`${b.input.prefix}.close(`, cursor, \")\"], at);",
    level: "L0", caughtBy: ["for-of/throw-closes-and-wins"],
  },
  {
    name: "abandon-for-close",
    file: "runtime/values/cursor.ts",
    anchor: "cursor.close();",
    instead: "cursor.abandon();",
    level: "L0", caughtBy: ["for-of/break-close-error-wins", "for-of/close-result-must-be-object"],
  },
  {
    name: "array-length-read-once",
    file: "runtime/values/cursors/array.ts",
    anchor: "if (index >= lengthOf(array)) {",
    instead: "if (index >= ((this as { length?: number }).length ??= lengthOf(array))) {",
    level: "L0", caughtBy: ["for-of/length-live", "for-of/array-shrinks"],
  },
  {
    name: "disposed-in-source-order",
    file: "runtime/values/resources.ts",
    anchor: "for (let next = resources.list.pop(); next; next = resources.list.pop()) {",
    instead: "for (let next = resources.list.shift(); next; next = resources.list.shift()) {",
    level: "L0", caughtBy: ["using/suppressed-chain", "using/for-head"],
  },
  {
    name: "generator-returns-past-finally",
    file: "compiler/passes/5-lower-yields.ts",
    anchor: "test: [`${b.input.prefix}f.leaving`]",
    instead: "test: [\"false\"]",
    level: "L0", caughtBy: ["generators/return-through-finally"],
  },

  // What a frame holds.
  {
    name: "temporary-not-stored",
    file: "compiler/passes/6-live.ts",
    anchor: "if (!this.passed.has(slot) && !this.defined.has(slot)) this.before.add(slot);",
    instead: "if (slot.kind !== \"temp\" && !this.passed.has(slot) && !this.defined.has(slot)) this.before.add(slot);",
    level: "L1", caughtBy: ["order/argument-values-kept", "spill/many-operands"],
  },
  {
    name: "no-liveness-along-exceptions",
    file: "compiler/passes/6-live.ts",
    anchor: "let changed = region !== null && before.addAll((ranges[region.handler] as Range).before, null);",
    instead: "let changed = false;",
    level: "L1", caughtBy: ["try/catch-sees-state-at-throw"],
  },
  {
    name: "assignments-before-exceptions", // what a block assigns is taken to be assigned wherever it throws
    file: "compiler/passes/6-live.ts",
    anchor: "let changed = region !== null && before.addAll((ranges[region.handler] as Range).before, null);",
    instead: "for (const slot of defines) assigned.add(slot);\n  let changed = region !== null && before.addAll((ranges[region.handler] as Range).before, assigned);\n  for (const slot of defines) assigned.delete(slot);",
    level: "L1", caughtBy: ["try/catch-sees-state-at-throw"],
  },
  {
    name: "assignments-before-exits", // what a block assigns is taken to be assigned wherever a `break` leaves it
    file: "compiler/passes/6-live.ts",
    anchor: "while (passed < (atExits[i] as number)) assigned.add(defines[passed++] as Slot);",
    instead: "while (passed < defines.length) assigned.add(defines[passed++] as Slot);",
    level: "L1", caughtBy: ["loops/left-before-an-assignment"],
  },
  {
    name: "no-liveness-out-of-finally", // along the ways on which a `finally` was entered
    file: "compiler/passes/6-live.ts",
    anchor: "const ends = blocks.map((block) => terminatorTargets(block.end));",
    instead: "const ends = blocks.map(({ end }) => (end?.kind === \"resume\" ? [end.next] : terminatorTargets(end)));",
    level: "L1", caughtBy: ["labels/only-the-jump-reads"],
  },
  {
    name: "completion-not-stored",
    file: "compiler/passes/6-live.ts",
    anchor: "else if (end.kind === \"resume\") this.read(end.completion);",
    instead: "",
    level: "L1", caughtBy: ["try/throw-after-finally-stop", "try/pending-object-identity"],
  },
  {
    name: "update-is-no-read",
    file: "compiler/passes/6-live.ts",
    anchor: "return usage(node) === \"update\";",
    instead: "return false;",
    level: "L1", caughtBy: ["spill/two-levels"],
  },
  {
    name: "region-not-entered-again", // after a resume an exception misses its handler
    file: "compiler/passes/8-emit-machine.ts",
    anchor: "const region = point.region ? ` ${$}r = ${point.region.id};` : \"\";",
    instead: "const region = \"\";",
    level: "L1", caughtBy: ["try/return-await-caught", "try/sync-throw-after-stop"],
  },
];
