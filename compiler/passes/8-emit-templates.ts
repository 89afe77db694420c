// Emits tagged templates as calls with the strings object of their site, which stands beside the flow: so it is the same one in
// every activation, before a stop and after it.
//
//   sql`select ${n}`
//   →  const $f_template_7c2qk = $.template("f:template~7c2qk", ["select ", ""], ["select ", ""]);     beside the flow
//      sql($f_template_7c2qk, n)                                                                       in its place

import ts from "typescript";
import { isConstructed } from "../roles.ts";
import type { TextBuilder } from "../text.ts";
import type { TemplateSite } from "./7-name-templates.ts";
import { copy } from "./8-emit-copy.ts";
import type { Emitter } from "./8-emit-emitter.ts";
import { copyOperand } from "./8-emit-exits.ts";

/** The sites of a flow, each with the constant that holds its strings. */
export type NamedTemplates = ReadonlyMap<ts.TaggedTemplateExpression, TemplateSite & { readonly name: string }>;

export function emitTemplates(e: Emitter, out: TextBuilder, before: ts.Statement): void {
  for (const { name, id, strings } of e.options.templates.values()) out.glue(`\nconst ${name} = ${e.$}.template(${JSON.stringify(id)}, ${strings});`, e.startOf(before));
}

export function copyTagged(e: Emitter, node: ts.TaggedTemplateExpression): void {
  const { tag, template } = node;
  // `new f(strings)` would construct f.
  const constructed = isConstructed(node);
  if (constructed) e.glue("(", node);
  // A tag is no direct `eval`.
  if (ts.isIdentifier(tag) && tag.text === "eval") e.glue("(0, eval)", tag);
  else copy(e, tag);
  e.glue("(", template);
  copyStrings(e, template);
  for (const { expression } of ts.isTemplateExpression(template) ? template.templateSpans : []) {
    e.glue(", ", expression);
    copyOperand(e, expression);
  }
  e.glue(constructed ? "))" : ")", node);
}

/** In the place of a template's text. */
export function copyStrings(e: Emitter, text: ts.TemplateLiteral | ts.TemplateHead): void {
  const template = ts.isTemplateHead(text) ? text.parent : text;
  const site = e.options.templates.get(template.parent as ts.TaggedTemplateExpression);
  e.glue((site as NonNullable<typeof site>).name, text);
}
