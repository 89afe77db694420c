// The judge, one atom and one build at a time; and the lines that atoms are written as.

import { describe, expect, it } from "vitest";
import { type Atom, parseAtom, printAtom, slotsOf } from "../../runtime/versions/atoms.ts";
import type { DeflowError } from "../../runtime/errors/error.ts";
import { fingerprint } from "../../runtime/versions/fingerprint.ts";
import { judgeRun } from "../../runtime/versions/frozen.ts";
import { type Build, judge } from "../../runtime/versions/judge.ts";
import { membersOf } from "../../runtime/versions/members.ts";
import { misfitError } from "../../runtime/versions/tell.ts";

const build: Build = {
  unit: (id) => (id === "approve"
    ? {
        points: ["listen:decision", "step:undo"],
        point: (point) => ({
          "listen:decision": { region: "k3f0a", slots: slotsOf("line total* ~it1"), jumps: {} },
          "step:undo": { region: "u7u7u", slots: slotsOf("~c1 sum"), jumps: { "~c1": ["return", "break for-of 1"] } },
        })[point],
      }
    : undefined),
  code: (id) => (id === "approve#bump" ? slotsOf("total*") : undefined),
  class: (id) => (id === "approve#Line" ? [] : undefined),
  members: (id) => (id === "approve#Line" ? membersOf("get.size method[0] method.total set.size static.field.read method[1] field.a%20b") : undefined),
  type: (name) => ({ User: { version: 3, from: 1 }, Plain: { version: 2, from: 2 } })[name],
  has: (kind, name) => kind === "external" && name === "the db",
  pin: (id) => (id === "approve" ? "aaaaa" : undefined),
  migrates: (_id, from) => [`listen:decision@${fingerprint("", [{ key: "line" }])}`, `step:undo@${fingerprint("u7u7u", [{ key: "~c1" }])}`].includes(from),
  isRetired: (_id, point) => point === "listen:old",
  frozen: () => [],
};

const told = (line: string): unknown => {
  const verdict = judge(parseAtom(line), build);
  return verdict.is === "misfit" ? verdict.reason : verdict.is;
};

describe("a point", () => {
  it.each<[string, string, unknown]>([
    ["as it is", "point approve listen:decision in=k3f0a line total* ~it1", "resumes"],
    ["that needs fewer", "point approve listen:decision in=k3f0a gone line other* total* ~it1", "resumes"],
    ["that needs more", "point approve listen:decision in=k3f0a total*", { why: "slots", missing: ["line", "~it1"], kinds: [] }],
    ["with a cell that is a value now, or the other way round", "point approve listen:decision in=k3f0a line* total ~it1", { why: "slots", missing: [], kinds: ["line", "total"] }],
    ["in another region", "point approve listen:decision in=xxxxx line total* ~it1", { why: "region" }],
    ["in no region", "point approve listen:decision total* line ~it1", { why: "region" }],
    ["from which there is a migration", "point approve listen:decision line", "migrates"],
    ["that is gone", "point approve listen:other", { why: "point" }],
    ["that is retired", "point approve listen:old", "retired"],
    ["of a function that is gone", "point gone listen:decision", { why: "gone" }],
    ["with a jump that it knows", "point approve step:undo in=u7u7u sum ~c1=break%20for-of%201", "resumes"],
    ["with a jump that it does not know", "point approve step:undo in=u7u7u sum ~c1=continue%20for-of%201", { why: "jump", jump: "continue for-of 1" }],
    ["from which there is a migration, with a jump that it knows", "point approve step:undo in=u7u7u ~c1=return", "migrates"],
    ["from which there is a migration, with a jump that it does not know", "point approve step:undo in=u7u7u ~c1=continue%20for-of%201", { why: "jump", jump: "continue for-of 1" }],
  ])("%s", (_name, line, expected) => expect(told(line)).toEqual(expected));
});

describe("what else a frame names", () => {
  it.each<[string, unknown]>([
    ["code approve#bump total*", "resumes"],
    ["code approve#bump more total*", "resumes"],
    ["code approve#bump total", { why: "slots", missing: [], kinds: ["total"] }],
    ["code approve#bump", { why: "slots", missing: ["total"], kinds: [] }],
    ["code approve#gone", { why: "gone" }],
    ["class approve#Line x", "resumes"],
    ["class approve#bump", { why: "gone" }],
    ["member approve#Line method .total", "resumes"],
    ["member approve#Line static.method .total", { why: "gone" }],
    ["member approve#Line get .total", { why: "gone" }],
    ["member approve#Line get .total [7]", { why: "gone" }],
    ["member approve#Line set .size", "resumes"],
    ["member approve#Line get .size", "resumes"],
    ["member approve#Line get .size [0]", { why: "gone" }],
    ["member approve#Line method .size [0]", { why: "gone" }],
    ["member approve#Line method .size [0] [1]", "resumes"],
    ["member approve#Line method [1]", "resumes"],
    ["member approve#Line get [1]", { why: "gone" }],
    ["member approve#Line static.field .read", "resumes"],
    ["member approve#Line field .a%20b", "resumes"],
    ["member approve#Gone method .total", { why: "gone" }],
    ["member approve#Line accessor .total", { why: "newer" }],
    ["type User@2", "resumes"],
    ["type User@4", { why: "version", version: 3 }],
    ["type Plain@1", { why: "version", version: 2 }],
    ["type Gone@1", { why: "gone" }],
    ["external the%20db", "resumes"],
    ["external other", { why: "gone" }],
    ["activity charge", { why: "gone" }],
    ["pin approve aaaaa", "resumes"],
    ["pin approve bbbbb", { why: "pinned" }],
  ])("%s", (line, expected) => expect(told(line)).toEqual(expected));
});

it("a run without strands fits every build", () => {
  expect(judgeRun("", build).misfits).toEqual([]);
  expect(judgeRun("point approve listen:decision\nfuture thing", build).misfits.map(({ reason }) => reason.why)).toEqual(["region", "newer"]);
});

it("each misfit has an error of its own", () => {
  const code = (line: string): string => {
    const atom = parseAtom(line);
    const verdict = judge(atom, build);
    return verdict.is === "misfit" ? (misfitError(atom, verdict.reason, "r") as DeflowError).code : verdict.is;
  };
  const lines = ["pin approve bbbbb", "activity charge", "external other", "type Plain@1", "flow gone", "context other", "code approve#gone", "code approve#bump", "member approve#Line get .total", "point gone p", "future thing"];
  expect(lines.map(code)).toEqual(["PINNED", "UNKNOWN_ACTIVITY", "UNKNOWN_EXTERNAL", "UNKNOWN_CLASS", "UNKNOWN_FLOW", "UNKNOWN_CODE", "UNKNOWN_CODE", "CAPTURES_MISFIT", "UNKNOWN_CODE", "UNKNOWN_FLOW", "NEWER_RUN"]);
});

it("an atom is read as it was written, whatever its names", () => {
  const slots = [{ key: "~(price())", cell: false }, { key: "x~1/2", cell: true }, { key: "~c1", cell: false, jump: "break a b=c%" }];
  const names = ["a b", "100%", "ä\u2028=*", "in=k3f0a", "x@y"];
  const atoms = names.flatMap((name): Atom[] => [
    { kind: "point", id: name, point: name, region: "", slots: [] }, { kind: "point", id: name, point: name, region: "k3f0a", slots },
    { kind: "code", id: name, slots }, { kind: "class", id: name, slots: [] }, { kind: "type", name, version: 12 },
    ...[[], [0, 12]].map((at): Atom => ({ kind: "member", id: name, static: false, role: "get", key: name, at })), { kind: "member", id: name, static: true, role: "field", key: undefined, at: [1] },
    { kind: "member", id: name, static: true, role: "method", key: "", at: [] }, { kind: "member", id: name, static: false, role: "method", key: ".[0]", at: [] },
    { kind: "flow", name }, { kind: "external", name }, { kind: "pin", id: name, text: "abc" },
  ]);
  const sorted = (atom: Atom): unknown => ("slots" in atom ? { ...atom, slots: atom.slots.toSorted((a, b) => (a.key < b.key ? -1 : 1)) } : atom);
  for (const atom of atoms) expect(sorted(parseAtom(printAtom(atom)))).toEqual(sorted(atom));
  expect(printAtom(parseAtom("future thing"))).toBe("future thing");
});
