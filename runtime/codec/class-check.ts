// Whether the state of a class's instances is all in ordinary fields.

import type { AnyClass } from "./classes.ts";

/** The nearest built-in base with state that fields do not show, e.g. `Map`; Error is known to the codec. */
export function hiddenState(made: AnyClass): string | undefined {
  for (let base: unknown = Object.getPrototypeOf(made); typeof base === "function"; base = Object.getPrototypeOf(base)) {
    if (base === Function.prototype || base === Object || base === Error || base.prototype instanceof Error) continue;
    if (/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(base))) return base.name;
  }
  return undefined;
}

/**
 * Whether the class or one of its bases declares or uses `#names`. Read from the source text: nothing else shows them.
 * Compiled to WeakMaps they cannot be found, and are lost as any module-level WeakMap entry is.
 */
export function hasPrivateNames(made: AnyClass): boolean {
  for (let base: unknown = made; typeof base === "function"; base = Object.getPrototypeOf(base)) {
    if (base !== Function.prototype && privateName.test(codeOf(Function.prototype.toString.call(base)))) return true;
  }
  return false;
}

const privateName = /(?:^|[\s.;{}(,!*])#[\p{ID_Start}$_]/u;

// Strings and comments may hold a `#` of their own. Regular expression literals are not recognised: one with ` #a` in it
// makes its class be refused, which says so and is mended by writing `\x23`.
function codeOf(source: string): string {
  return source.replace(/\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`/g, '""');
}
