// Why code does not fit what is stored, as the error that people and programs know it by.

import { UnknownClassError, UnknownCodeError, UnknownExternalError } from "../errors/codec.ts";
import { deflowError } from "../errors/classes.ts";
import { UnknownFlowError, UnknownPointError } from "../errors/load.ts";
import { CapturesMisfitError, LocalsMisfitError, RegionMisfitError } from "../errors/versions.ts";
import { type Meta, placeOf } from "../strands/registry.ts";
import { type Atom, type CodeAtom, type PointAtom, slotName, type TypeAtom } from "./atoms.ts";
import { metaOf } from "./build.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Reason } from "./judge.ts";
import { memberName } from "./members.ts";

export function misfitError(atom: Atom, reason: Reason, runId?: string): Error {
  switch (atom.kind) {
    case "point": return pointError(atom, reason, runId);
    case "code":
    case "class": return codeError(atom, reason, runId);
    case "member": return new UnknownCodeError("locals", memberName(atom), { runId });
    case "type": return typeError(atom, reason, runId);
    case "external": return new UnknownExternalError("locals", atom.name, { runId });
    case "activity": return deflowError("UNKNOWN_ACTIVITY", { name: atom.name }, { runId });
    case "flow": return new UnknownFlowError(atom.name, { runId });
    case "context":
    case "template": return new UnknownCodeError("locals", atom.name, { runId });
    case "pin": return deflowError("PINNED", { flow: atom.id }, { runId });
    case "unread": return deflowError("NEWER_RUN", { need: atom.line }, { runId });
  }
}

function pointError({ id, point, region, slots }: PointAtom, reason: Reason, runId: string | undefined): Error {
  const meta = metaOf(id);
  if (meta === undefined) return id.includes("#") ? new UnknownCodeError("strands", id, { runId }) : new UnknownFlowError(id, { runId });
  const place = placeOf({ meta: meta as Meta, point });
  const from = `${point}@${fingerprint(region, slots)}`;
  switch (reason.why) {
    case "slots": return new LocalsMisfitError(place, reason.missing.map(slotName), reason.kinds, from, { runId });
    case "region": return new RegionMisfitError(place, "it stands in other loops, `try`s or blocks with resources than then, or in another kind of function", from, { runId });
    case "jump": return new RegionMisfitError(place, `its \`finally\` would go on with \`${reason.jump}\`, which leads nowhere`, from, { runId });
    default: return new UnknownPointError(place, { runId });
  }
}

function codeError({ id }: CodeAtom, reason: Reason, runId: string | undefined): Error {
  return reason.why === "slots" ? new CapturesMisfitError("locals", id, reason.missing.map(slotName), reason.kinds, { runId }) : new UnknownCodeError("locals", id, { runId });
}

function typeError({ name, version }: TypeAtom, reason: Reason, runId: string | undefined): Error {
  if (reason.why !== "version") return new UnknownClassError("locals", name, "which is not registered here", { runId });
  return new UnknownClassError("locals", `${name}@${version}`, `but this program has version ${reason.version}`, { runId });
}
