// Atoms: what a stored run needs of the code that is to go on with it, one line for each id that its frame names.
//
//   point approve listen:decision in=k3f0a total* bump ~it1     a strand or a generator stopped there: in which region chain, with which slots
//   code approve#bump total*                                    a function made in a flow, with what it captured
//   class approve#Line · member approve#Line method .total · type User@2 · flow approve · external db · activity charge · context decision · template approve#t1
//   pin approve 7f3ka9q2                                        a flow that goes on with the text it was begun with alone
//
// A slot that holds the cell of a captured variable has `*`. A jump that is pending in a `finally` is named: `~c1=return`.
// A member is a function of a class that a run holds by itself: `const { total } = line`. A computed key is named by its value, if that is no symbol,
// and by all places among the computed keys of the class that have it: `member approve#Line get .size [0] [2]`.
// The sorted lines of a run are its *shape*. A line that only a newer deflow knows is kept as it is.

import { word } from "../codec/noted.ts";

export interface Slot {
  readonly key: string;
  /** It holds the cell of a captured variable. */
  readonly cell: boolean;
  /** A pending jump, by its name. */
  readonly jump?: string;
}

/** Among the slots of a point: it is stored what `this` was, of a function that uses its own. No local, so no part of the fingerprint, and nothing for migrations. */
export const thisSlot: Slot = { key: "this", cell: false };

/** A function of the module that is called later, or what it is a method of, `~(=console.log)`: no part of a shape, since any code can look it up. */
export function isReference(key: string): boolean {
  return key.startsWith("~(=");
}

/** What people call a slot: `~args` is `arguments`, `~#n` of a class `#n`. */
export function slotName(key: string): string {
  if (key === "~args") return "arguments";
  if (key === "~private") return "#private names";
  return key.startsWith("~keys~") ? "[computed names]" : key.replace(/^~(?:static)?(?=#)/, "");
}

export interface PointAtom {
  readonly kind: "point";
  /** Of the flow, or of the function in one. */
  readonly id: string;
  readonly point: string;
  /** The hash of the region chain; "": none. */
  readonly region: string;
  readonly slots: readonly Slot[];
}

export interface CodeAtom {
  readonly kind: "code" | "class";
  readonly id: string;
  readonly slots: readonly Slot[];
}

export interface MemberAtom {
  readonly kind: "member";
  /** Of the class. */
  readonly id: string;
  /** Of the class itself, not of its instances. */
  readonly static: boolean;
  readonly role: MemberRole;
  /** Undefined: a symbol. */
  readonly key: string | undefined;
  /** The computed keys of the class that have this value, by their places. */
  readonly at: readonly number[];
}

/** A function written as the value of a field belongs to each object that has it. */
export type MemberRole = "method" | "get" | "set" | "field";

export interface TypeAtom {
  readonly kind: "type";
  readonly name: string;
  readonly version: number;
}

export interface NamedAtom {
  readonly kind: "flow" | "external" | "activity" | "context" | "template";
  readonly name: string;
}

export interface PinAtom {
  readonly kind: "pin";
  readonly id: string;
  /** The hash of its text. */
  readonly text: string;
}

/** Of a kind that only a newer deflow writes: nobody here can say that it fits. */
export interface UnreadAtom {
  readonly kind: "unread";
  readonly line: string;
}

export type Atom = PointAtom | CodeAtom | MemberAtom | TypeAtom | NamedAtom | PinAtom | UnreadAtom;

export function printAtom(atom: Atom): string {
  switch (atom.kind) {
    case "point": return ["point", word(atom.id), word(atom.point), ...(atom.region === "" ? [] : [`in=${atom.region}`]), ...slotWords(atom.slots)].join(" ");
    case "code":
    case "class": return [atom.kind, word(atom.id), ...slotWords(atom.slots)].join(" ");
    case "member": return ["member", word(atom.id), `${atom.static ? "static." : ""}${atom.role}`, ...(atom.key === undefined ? [] : [`.${word(atom.key)}`]), ...atom.at.map((place) => `[${place}]`)].join(" ");
    case "type": return `type ${word(`${atom.name}@${atom.version}`)}`;
    case "pin": return `pin ${word(atom.id)} ${atom.text}`;
    case "unread": return atom.line;
    default: return `${atom.kind} ${word(atom.name)}`;
  }
}

export function parseAtom(line: string): Atom {
  const [kind, first = "", ...rest] = line.split(" ");
  const id = unworded(first);
  switch (kind) {
    case "point": {
      const [point = "", ...more] = rest;
      const region = more[0]?.startsWith("in=") ? more[0].slice(3) : "";
      return { kind, id, point: unworded(point), region, slots: (region === "" ? more : more.slice(1)).map(slot) };
    }
    case "code":
    case "class": return { kind, id, slots: rest.map(slot) };
    case "member": return memberIn(line, id, rest);
    case "type": {
      const at = id.lastIndexOf("@");
      return { kind, name: id.slice(0, at), version: Number(id.slice(at + 1)) };
    }
    case "pin": return { kind, id, text: rest[0] ?? "" };
    case "flow":
    case "external":
    case "activity":
    case "context":
    case "template": return { kind, name: id };
    default: return { kind: "unread", line };
  }
}

/** The slots as meta data has them: `total* line ~it1`. */
export function slotsOf(words: string): readonly Slot[] {
  return words === "" ? [] : words.split(" ").map((one) => (one.endsWith("*") ? { key: one.slice(0, -1), cell: true } : { key: one, cell: false }));
}

function slotWords(slots: readonly Slot[]): string[] {
  return slots.map(({ key, cell, jump }) => `${key}${cell ? "*" : ""}${jump === undefined ? "" : `=${word(jump)}`}`).sort();
}

function slot(written: string): Slot {
  // A key has no `=`: it is a name of the language, or made by the compiler.
  const at = written.indexOf("=");
  const name = at < 0 ? written : written.slice(0, at);
  const cell = name.endsWith("*");
  return { key: cell ? name.slice(0, -1) : name, cell, ...(at < 0 ? {} : { jump: unworded(written.slice(at + 1)) }) };
}

function memberIn(line: string, id: string, [place = "", ...rest]: readonly string[]): Atom {
  const [, on, role] = /^(static\.)?(method|get|set|field)$/.exec(place) ?? [];
  if (role === undefined) return { kind: "unread", line };
  const [key, ...at] = rest[0]?.startsWith(".") === true ? rest : [undefined, ...rest];
  return {
    kind: "member", id, static: on !== undefined, role: role as MemberRole, key: key === undefined ? undefined : unworded(key.slice(1)), at: at.map((one) => Number(one?.slice(1, -1))),
  };
}

/** The name that `word` made a word of. */
export function unworded(written: string): string {
  return written.replace(/(?:%[0-9A-F]{2})+/gu, decodeURIComponent);
}
