// Names the sites of tagged templates. A site has one strings object, which a frame refers to by the site's id.
//
//   sql`select ${n}`   →   approve#load:template~7c2qk
//
// Sites with the same text in one function are told apart by their order.

import ts from "typescript";
import type { Facts, Unit } from "../facts.ts";
import { hash } from "../hash.ts";
import { distinct } from "./7-name.ts";

export interface TemplateSite {
  readonly id: string;
  /** The two lists, cooked and raw, as source text. */
  readonly strings: string;
}

export type TemplateSites = ReadonlyMap<ts.TaggedTemplateExpression, TemplateSite>;

export function nameTemplates({ templates, root }: Facts, ids: ReadonlyMap<Unit, string>): TemplateSites {
  const taken = new Map<string, number>();
  return new Map([...templates].map(([node, unit]) => {
    const strings = stringsText(node);
    const id = distinct(`${ids.get(unit) ?? ids.get(root)}:template~${hash(strings)}`, taken);
    return [node, { id, strings }];
  }));
}

type TextPart = ts.NoSubstitutionTemplateLiteral | ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail;

function stringsText({ template }: ts.TaggedTemplateExpression): string {
  const parts: TextPart[] = ts.isTemplateExpression(template) ? [template.head, ...template.templateSpans.map((span) => span.literal)] : [template];
  const cooked = parts.map((part) => (isInvalidEscape(part) ? "undefined" : JSON.stringify(part.text)));
  const raw = parts.map((part) => JSON.stringify(rawText(part)));
  return `[${cooked.join(", ")}], [${raw.join(", ")}]`;
}

/** TypeScript's internal `TokenFlags.ContainsInvalidEscape`. */
const CONTAINS_INVALID_ESCAPE = 1 << 11;

function isInvalidEscape(part: TextPart): boolean {
  return (((part as { templateFlags?: number }).templateFlags ?? 0) & CONTAINS_INVALID_ESCAPE) !== 0;
}

function rawText(part: TextPart): string {
  return part.getText().replace(/^[`}]/, "").replace(/(\$\{|`)$/, "").replace(/\r\n?/g, "\n");
}
