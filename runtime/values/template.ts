// The strings object of a tagged template: one per place in the source, so that tags may use it, or its `raw`, as a key. Both are
// stored by id.

import { shared } from "../realm/shared.ts";

export function template(id: string, cooked: readonly (string | undefined)[], raw: readonly string[]): TemplateStringsArray {
  const known = shared.templates.get(id);
  if (known !== undefined && same(known.raw, raw)) return known;
  // Both lists were made for this call.
  const strings = cooked as readonly unknown[];
  Object.defineProperty(strings, "raw", { value: Object.freeze(raw) });
  const made = Object.freeze(strings) as unknown as TemplateStringsArray;
  shared.templates.set(id, made);
  shared.templateIds.set(made, id);
  shared.templateIds.set(raw, id);
  return made;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
