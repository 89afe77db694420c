// Frames of runs as they were stored, for ever: what they name of the code is read from their text, and today's code goes on with them.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { begin, type Flow, resume, serializable } from "../../runtime/index.ts";
import { noParts } from "../../runtime/record/frame.ts";
import { shapeOfText } from "../../runtime/versions/text.ts";
import { build } from "./builds.ts";

const folder = new URL("../../fixtures/frames/v1-runs/", import.meta.url);

interface Golden {
  readonly source: string;
  readonly frame: string;
  readonly atoms: readonly string[];
  /** Of the run, after the event `go` with 3. */
  readonly value: unknown;
}

/** Of its first version it had `first` and `last`. */
class User {
  name = "";
}

function asVersion(version: 1 | 2): void {
  serializable(User, version === 1 ? { name: "golden.User" } : {
    name: "golden.User", version: 2, upgrade: ({ first, last }) => ({ name: `${String(first)} ${String(last)}` }),
  });
}

const read = (name: string): Golden => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Golden;

/** Versions of one flow, each with a frame that it stored; the last has migrations from all before it, one after the other. */
interface Versions {
  readonly versions: readonly { readonly source: string; readonly frame: string; readonly value: unknown }[];
}

const migratedFolder = new URL("../../fixtures/frames/v1-migrated/", import.meta.url);

async function given(): Promise<unknown> {
  asVersion(1);
  return Object.assign(Object.create(User.prototype) as object, { first: "Ada", last: "L" });
}

it.each(readdirSync(folder).filter((name) => name.endsWith(".json")))("%s", async (name) => {
  const golden = read(name);
  const { main } = build<{ main: Flow }>(golden.source);
  if (process.env["UPDATE"] === "new" && golden.frame === "") {
    const { frame = "" } = await begin(main as never, [await given(), 2] as never);
    const atoms = shapeOfText("main", frame, noParts, "frame")?.atoms.split("\n");
    asVersion(2);
    const run = await resume(frame, "go", 3);
    writeFileSync(new URL(name, folder), `${JSON.stringify({ ...golden, frame, atoms, value: "value" in run ? run.value : run }, null, 2)}\n`);
    return;
  }
  asVersion(2);
  expect(shapeOfText("main", golden.frame, noParts, "frame")?.atoms.split("\n")).toEqual(golden.atoms);
  expect(await resume(golden.frame, "go", 3)).toMatchObject({ status: "completed", value: golden.value });
});

describe.each(readdirSync(migratedFolder))("%s", (name) => {
  const { versions } = JSON.parse(readFileSync(new URL(name, migratedFolder), "utf8")) as Versions;

  it.each(versions.map((_version, i) => i))("the frame of version %i, by the last", async (i) => {
    const { frame, value } = versions[i] as Versions["versions"][number];
    build(versions.at(-1)?.source ?? "");
    expect(await resume(frame, "go", 3)).toMatchObject({ status: "completed", value });
  });
});
