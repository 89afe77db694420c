// The functions that the text of a class makes, as its meta data has them, a word each:
//
//   class Line { total() {} static get size() {} read = (k) => k; [key]() {} }   →   method.total static.get.size field.read method[0]
//
// A computed key is named by its place among those of the class: which expressions these are its environment says (`~keys~9qx2b`), and
// the value that each had is in the frame.

import { type MemberAtom, type MemberRole, unworded } from "./atoms.ts";

export interface Member {
  readonly static: boolean;
  readonly role: MemberRole;
  /** The key, or the place of a computed one. */
  readonly key: string | number;
}

/** Of the words of meta data. */
export function membersOf(words: string): readonly Member[] {
  return words.split(" ").flatMap((one): Member[] => {
    const [, on, role, key, place] = /^(static\.)?(method|get|set|field)(?:\.(.*)|\[(\d+)\])$/s.exec(one) ?? [];
    return role === undefined ? [] : [{ static: on !== undefined, role: role as MemberRole, key: place === undefined ? unworded(key ?? "") : Number(place) }];
  });
}

/** Whether a class whose text makes these has what is stored, when its computed keys have the values that are stored. */
export function hasMember({ static: isOn, role, key, at }: MemberAtom, members: readonly Member[]): boolean {
  let has = false;
  for (const member of members) {
    if (member.static !== isOn || !(typeof member.key === "number" ? at.includes(member.key) : member.key === key)) continue;
    if (member.role === role) has = true;
    else if (replaces(member.role, role)) has = false;
  }
  return has;
}

/** Of one key: a method takes the place of an accessor, and either half of that the place of a method. Fields are properties of other objects, or later ones. */
function replaces(later: MemberRole, earlier: MemberRole): boolean {
  return later !== "field" && earlier !== "field" && (later === "method" || earlier === "method");
}

/** `value` is the function itself, the others are halves of an accessor. */
export function roleOf(part: unknown): MemberRole {
  return part === "get" || part === "set" ? part : "method";
}

/** For people: `approve#Line.total()`, `static get approve#Line.size`. */
export function memberName({ id, static: isOn, role, key }: Pick<MemberAtom, "id" | "static" | "role" | "key">): string {
  const access = key === undefined ? "[…]" : /^[\p{ID_Start}$_#][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  return `${isOn ? "static " : ""}${role === "get" || role === "set" ? `${role} ` : ""}${id}${access}${role === "method" ? "()" : ""}`;
}
