// The edits of the example, as its page shows them: each fenced `diff` is one.

import { readFileSync } from "node:fs";

/** The lines of a diff, as `-`, `+` or a space and the text. Lines that stand apart in the file are apart by their context. */
export type Edit = readonly string[];

export function readEdits(): Record<"fix" | "breaking" | "migration", Edit> {
  const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [fix, breaking, migration] = [...page.matchAll(/^```diff\n([^]*?)\n```$/gm)].map(([, text]) => (text as string).split("\n"));
  if (!fix || !breaking || !migration) throw new Error("The example's page has not three diffs");
  return { fix, breaking, migration };
}

/** @throws Error where the text has not what the edit removes. */
export function edited(text: string, edit: Edit): string {
  let done = text;
  for (const hunk of hunksOf(edit)) {
    const [before, after] = ["-", "+"].map((sign) => hunk.filter((line) => line[0] === sign || line[0] === " ").map((line) => `${line.slice(1)}\n`).join("")) as [string, string];
    if (done.split(before).length !== 2) throw new Error(`The flow has not once what the edit begins with:\n${before}`);
    done = done.replace(before, () => after);
  }
  return done;
}

/** A hunk ends with what it adds in place or after other lines, where context or a removal follows. */
function hunksOf(edit: Edit): string[][] {
  const hunks: string[][] = [];
  for (const line of edit) {
    const last = hunks.at(-1);
    if (!last || (last.at(-1)?.startsWith("+") && last.some((one) => !one.startsWith("+")) && !line.startsWith("+"))) hunks.push([]);
    hunks.at(-1)?.push(line);
  }
  return hunks;
}
