// A diagnostic as TypeScript's own, for tsc and for editors.

import type ts from "typescript";
import { isFatal, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { title } from "../report.ts";

/** DF106 becomes 990106; the code stands in the message too, because tsc prints only the number. */
export function toTypeScript(api: typeof ts, file: ts.SourceFile, diagnostic: Diagnostic): ts.Diagnostic {
  const code = 990_000 + Number(diagnostic.code.slice(2));
  const category = isFatal(diagnostic) ? api.DiagnosticCategory.Error : api.DiagnosticCategory.Warning;
  const more = (messageText: string): ts.DiagnosticMessageChain => ({ messageText, code, category: api.DiagnosticCategory.Message });
  return {
    file, code, start: diagnostic.start, length: diagnostic.length, source: "deflow", category,
    messageText: { ...more(title(diagnostic)), category, next: [more(`Fix: ${diagnostic.fix}`), more(`See: deflow explain ${diagnostic.code}`)] },
  };
}

/** Of two that are the same, one is shown. */
export function identity({ code, start, file }: ts.Diagnostic): string {
  return `${code}:${start}:${file?.fileName}`;
}
