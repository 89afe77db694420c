// Whether values of a type can be kept in a frame: what the codec refuses, told by types.
//
//   net.Socket, WeakMap, Promise<Response>, a class that nobody registered   →   a refusal, with the path of what is refused
//   plain data, Date, Map, closures and classes of the flow, unknown, T      →   null

import type ts from "typescript";
import type { TypedFile } from "./file.ts";
import { kept, open, refused } from "./library.ts";
import { partOf } from "./origin.ts";
import type { Origin } from "./origin-call.ts";

export interface Refusal {
  /** What it is: "a `Socket`". */
  readonly what: string;
  /** From the local to it: ".items[].socket". */
  readonly path: string;
  /** Else it is very probable: an interface with methods may be implemented by a plain object of the flow. */
  readonly sure: boolean;
  readonly fix: string;
}

/** How far down the parts of plain objects are looked at, and how many of each. */
const DEEP = 3;
const WIDE = 40;

const tied = "Make it again after the wait, or use it in a step; an object of module state keeps its identity by external(name, object).";
const byImport = "Call it by its import instead of keeping it in a local: only functions written inside a flow are stored.";

export class Keepable {
  readonly #at: TypedFile;
  readonly #known = new Map<Origin, Map<ts.Type, Refusal | null>>();

  constructor(at: TypedFile) {
    this.#at = at;
  }

  refusal(type: ts.Type, origin: Origin, depth = DEEP): Refusal | null {
    let known = this.#known.get(origin);
    if (known === undefined) this.#known.set(origin, (known = new Map()));
    const before = known.get(type);
    if (before !== undefined) return before;
    known.set(type, null); // while its parts are looked at, which may have it as a part
    const found = this.#judge(type, origin, depth);
    // One that was cut off by the depth is asked again from further up.
    if (found !== null || depth === DEEP) known.set(type, found);
    else known.delete(type);
    return found;
  }

  #judge(type: ts.Type, origin: Origin, depth: number): Refusal | null {
    const { api, checker } = this.#at.program;
    if (type.isUnion()) return this.#union(type, origin, depth);
    if (type.isIntersection()) return this.#intersection(type, origin, depth);
    if ((type.flags & api.TypeFlags.UniqueESSymbol) !== 0) return this.#symbol(type);
    if ((type.flags & api.TypeFlags.Object) === 0) return null;
    if (checker.isArrayType(type) || checker.isTupleType(type)) return this.#elements(type as ts.TypeReference, origin, depth);
    const symbol = type.getSymbol();
    if (symbol === undefined || this.#at.isOwn(symbol) || this.#at.program.isExternal(symbol)) return null;
    if (type.getCallSignatures().length + type.getConstructSignatures().length > 0) return this.#function(type, symbol, origin);
    if (this.#at.program.isRegistered(symbol)) return null;
    if (this.#at.program.isLibrary(symbol) && (symbol.flags & api.SymbolFlags.TypeLiteral) === 0) {
      const known = this.#library(type, symbol, origin, depth);
      if (known !== undefined) return known;
    }
    return this.#object(type, symbol, origin, depth);
  }

  #union({ types }: ts.UnionType, origin: Origin, depth: number): Refusal | null {
    const { api } = this.#at.program;
    const there = types.filter(({ flags }) => (flags & (api.TypeFlags.Null | api.TypeFlags.Undefined | api.TypeFlags.Void)) === 0);
    const found = there.map((part) => this.refusal(part, origin, depth));
    const [first] = found;
    return first != null && found.every((each) => each !== null) ? { ...first, sure: found.every((each) => each?.sure === true) } : null;
  }

  /** A primitive with a brand is a primitive. */
  #intersection({ types }: ts.IntersectionType, origin: Origin, depth: number): Refusal | null {
    const { api } = this.#at.program;
    if (types.some(({ flags }) => (flags & (api.TypeFlags.Object | api.TypeFlags.Intersection)) === 0)) return null;
    for (const part of types) {
      const found = this.refusal(part, origin, depth);
      if (found) return found;
    }
    return null;
  }

  #elements(type: ts.TypeReference, origin: Origin, depth: number): Refusal | null {
    const { checker } = this.#at.program;
    const found = depth > 0 ? checker.getTypeArguments(type).map((part) => this.refusal(part, partOf(origin), depth - 1)) : [];
    const first = found.find((each) => each !== null);
    return first ? { ...first, path: `[]${first.path}` } : null;
  }

  /** Those of a flow, of the language and of the package are kept; `Symbol.for` makes one that every process has. */
  #symbol(type: ts.Type): Refusal | null {
    const { api } = this.#at.program;
    const declaration = type.getSymbol()?.valueDeclaration;
    if (declaration === undefined || !api.isVariableDeclaration(declaration) || declaration.initializer === undefined || this.#at.isInFlow(declaration)) return null;
    const { initializer } = declaration;
    if (!api.isCallExpression(initializer) || !api.isIdentifier(initializer.expression) || initializer.expression.text !== "Symbol") return null;
    return { what: `the unique symbol \`${declaration.name.getText()}\``, path: "", sure: true, fix: "Make it inside the flow, or with Symbol.for(key): a stored copy of this one would be equal only to itself." };
  }

  #function(type: ts.Type, symbol: ts.Symbol, origin: Origin): Refusal | null {
    const { api } = this.#at.program;
    const [declaration] = symbol.declarations ?? [];
    if (declaration === undefined || this.#at.isInFlow(declaration)) return null;
    // The language's own are kept by name; those of Node's modules are not.
    if (this.#at.program.isLibrary(symbol) && (kept.has(symbol.name) || !this.#isOfModule(declaration))) return null;
    if (api.isClassLike(declaration)) return { what: `the class \`${symbol.name}\``, path: "", sure: true, fix: "Refer to it by its import at the place of use instead of keeping it in a local." };
    const isCode = api.isFunctionDeclaration(declaration) || api.isFunctionExpression(declaration) || api.isArrowFunction(declaration) || api.isMethodDeclaration(declaration) || (api.isMethodSignature(declaration) && origin === "outside");
    const name = /^[\p{ID_Start}$_]/u.test(symbol.name) && symbol.name !== "__type" && symbol.name !== "__function" ? `the function \`${symbol.name}\`` : "a function";
    if (isCode) return { what: `${name}, which no flow made`, path: "", sure: true, fix: byImport };
    return origin === "outside" ? { what: `a function of type \`${this.#text(type)}\`, which no flow made`, path: "", sure: false, fix: byImport } : null;
  }

  /** Declared in `declare module "node:fs"`, rather than as a global. */
  #isOfModule(declaration: ts.Declaration): boolean {
    const { api } = this.#at.program;
    const module = api.findAncestor(declaration, api.isModuleDeclaration);
    return module !== undefined && api.isStringLiteral(module.name);
  }

  /** Undefined: a library type of which only its members tell. */
  #library(type: ts.Type, symbol: ts.Symbol, origin: Origin, depth: number): Refusal | null | undefined {
    const { name } = symbol;
    const fix = refused.get(name);
    if (fix !== undefined) return { what: `${article(name)} \`${name}\``, path: "", sure: true, fix };
    if (name === "Promise" && (origin === "outside" || origin === "handed")) return { what: "a promise that ordinary code made", path: "", sure: origin === "outside", fix: "Await it before the wait, or take what settles it into a step." };
    if ((name === "Generator" || name === "AsyncGenerator") && origin === "outside") return { what: "a generator that ordinary code made", path: "", sure: true, fix: "Collect what it yields before the wait, or write it inside the flow." };
    if (name === "Map" || name === "Set" || name === "ReadonlyMap" || name === "ReadonlySet") {
      const found = depth > 0 ? this.#elements(type as ts.TypeReference, origin, depth) : null;
      return found && { ...found, path: found.path.replace("[]", "{}") };
    }
    return kept.has(name) || open.has(name) ? null : undefined;
  }

  #object(type: ts.Type, symbol: ts.Symbol, origin: Origin, depth: number): Refusal | null {
    const { api, checker } = this.#at.program;
    if (symbol.declarations?.every((declaration) => this.#at.isInFlow(declaration)) && (symbol.flags & api.SymbolFlags.Class) !== 0) return null;
    const members = checker.getPropertiesOfType(type);
    const isClass = (symbol.flags & api.SymbolFlags.Class) !== 0;
    if (isClass) {
      const found = this.#instance(type, symbol, members, origin);
      if (found) return found;
    } else if (origin !== "flow" && members.some((member) => this.#isOutsideMethod(member))) {
      return { what: `${article(this.#text(type))} \`${this.#text(type)}\`, which has methods`, path: "", sure: origin === "outside" || origin === "new", fix: tied };
    }
    return depth > 0 ? this.#parts(members, origin, depth) ?? this.#indexed(type, origin, depth) : null;
  }

  /** A class of fields alone is also what plain data is typed as. */
  #instance(type: ts.Type, symbol: ts.Symbol, members: readonly ts.Symbol[], origin: Origin): Refusal | null {
    const { api } = this.#at.program;
    const isHidden = (member: ts.Symbol): boolean => member.declarations?.some((declaration) => (api.getCombinedModifierFlags(declaration) & (api.ModifierFlags.Private | api.ModifierFlags.Protected)) !== 0 || isPrivateName(api, declaration)) === true;
    const hidden = members.some(isHidden);
    const behaves = members.some(({ flags }) => (flags & (api.SymbolFlags.Method | api.SymbolFlags.Accessor)) !== 0);
    if (!hidden && origin !== "new" && !(behaves && origin !== "flow")) return null;
    const declared = symbol.declarations?.some((declaration) => !declaration.getSourceFile().isDeclarationFile) === true;
    const fix = declared ? `Call serializable(${symbol.name}, { name: "${symbol.name}" }) where the class is declared, or keep plain data.` : tied;
    return { what: `an instance of the class \`${this.#text(type)}\`, which is not registered`, path: "", sure: hidden || origin === "new" || origin === "outside", fix };
  }

  #isOutsideMethod(member: ts.Symbol): boolean {
    const { api } = this.#at.program;
    if ((member.flags & api.SymbolFlags.Method) === 0 || (member.flags & api.SymbolFlags.Optional) !== 0 || member.name in Object.prototype) return false;
    return member.declarations?.every((declaration) => !this.#at.isInFlow(declaration) && !this.#isOfKept(declaration)) === true;
  }

  /** `push` of `interface Rows extends Array<Row>`. */
  #isOfKept({ parent }: ts.Declaration): boolean {
    const { api, checker } = this.#at.program;
    const owner = api.isInterfaceDeclaration(parent) ? checker.getSymbolAtLocation(parent.name) : undefined;
    return owner !== undefined && kept.has(owner.name) && this.#at.program.isLibrary(owner);
  }

  #parts(members: readonly ts.Symbol[], origin: Origin, depth: number): Refusal | null {
    const { api, checker } = this.#at.program;
    for (const member of members.slice(0, WIDE)) {
      if ((member.flags & (api.SymbolFlags.Optional | api.SymbolFlags.Method)) !== 0) continue;
      const found = this.refusal(checker.getTypeOfSymbolAtLocation(member, this.#at.file), partOf(origin), depth - 1);
      if (found) return { ...found, path: `.${member.name}${found.path}` };
    }
    return null;
  }

  /** `Record<string, Client>` */
  #indexed(type: ts.Type, origin: Origin, depth: number): Refusal | null {
    for (const index of this.#at.program.checker.getIndexInfosOfType(type)) {
      const found = this.refusal(index.type, partOf(origin), depth - 1);
      if (found) return { ...found, path: `[]${found.path}` };
    }
    return null;
  }

  #text(type: ts.Type): string {
    const text = this.#at.program.checker.typeToString(type);
    return text.length > 60 ? `${text.slice(0, 59)}…` : text;
  }
}

function isPrivateName(api: typeof ts, declaration: ts.Declaration): boolean {
  const name = api.getNameOfDeclaration(declaration);
  return name !== undefined && api.isPrivateIdentifier(name);
}

function article(name: string): string {
  return /^[AEIOU]/i.test(name) ? "an" : "a";
}
