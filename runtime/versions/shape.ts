// The shape of a run that is being stored: the atoms of all that its frame names, sorted, and a short name of that.

import { createHash } from "node:crypto";
import { shared } from "../realm/shared.ts";
import type { Shape } from "../store.ts";
import type { Meta } from "../strands/registry.ts";
import { printAtom, thisSlot } from "./atoms.ts";
import { listed, metaOf, pointOf } from "./build.ts";
import { atomOf, mayJump } from "./fit.ts";

/** Where a strand or a generator stands. */
interface Standing {
  readonly meta: Meta;
  readonly point: string | undefined;
  readonly locals: Record<string, unknown>;
}

const texts = new WeakMap<Meta, Map<string, string>>();

/** What is live at a point is what the code says, whoever stored it: only a pending jump is the strand's own. */
export function pointText({ meta, point = "", locals }: Standing): string {
  let known = texts.get(meta);
  if (known === undefined) texts.set(meta, (known = new Map()));
  let text = known.get(point);
  if (text !== undefined) return text;
  const built = pointOf(meta, point);
  const { region = "", slots = [], self = false } = built ?? {};
  if (built !== undefined && mayJump(built)) return printAtom(atomOf({ meta, point, region, self, locals }));
  text = printAtom({ kind: "point", id: meta.id, point, region, slots: self ? [...slots, thisSlot] : slots });
  known.set(point, text);
  return text;
}

/** By what they are made of: a module that is evaluated again may declare another under the same id. */
const codeTexts = new Map<string, string>();

/** Of a function or a class made in a flow. */
export function codeText(kind: "code" | "class", id: string): string {
  const words = (kind === "class" ? shared.classCodes.get(id)?.env : shared.codes.get(id)?.env ?? metaOf(id)?.env) ?? "";
  const key = `${kind} ${id} ${words}`;
  let text = codeTexts.get(key);
  if (text === undefined) codeTexts.set(key, (text = printAtom({ kind, id, slots: listed(words) })));
  return text;
}

const shapes = new Map<string, Shape>();
/** Of each flow there are a few; where pending jumps and sets of steps combine to many, they are made again. */
const mostShapes = 5_000;

/** `names` are atoms. */
export function shapeOf(flow: string, names: ReadonlySet<string>): Shape {
  const atoms = names.size === 1 ? [...names].join("") : [...names].sort().join("\n");
  const text = `${flow}\n${atoms}`;
  let shape = shapes.get(text);
  if (shape === undefined) {
    if (shapes.size >= mostShapes) shapes.clear();
    shapes.set(text, (shape = { key: keyOf(text), flow, atoms }));
  }
  return shape;
}

/** 96 bits: two shapes of one key would be taken for each other. */
function keyOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 16);
}
