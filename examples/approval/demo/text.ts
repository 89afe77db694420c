// Text for a terminal of 100 columns.

import colors from "picocolors";

export const width = 100;

export function show(title: string, lines: readonly string[]): void {
  console.log([`\n${colors.bold(title)}\n`, ...lines.map((line) => line.trimEnd())].join("\n"));
}

export async function timed(work: () => Promise<unknown>): Promise<string> {
  const from = performance.now();
  await work();
  return seconds(performance.now() - from);
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Breaks a line at spaces; what follows is indented two more than the line is. */
export function wrap(line: string, columns: number): string[] {
  const indent = " ".repeat(Math.min(line.search(/\S|$/) + 2, columns / 2));
  const lines: string[] = [];
  for (let rest = line; rest !== ""; ) {
    if (rest.length <= columns) return [...lines, rest];
    const space = rest.lastIndexOf(" ", columns);
    const at = rest.slice(0, space).trim() === "" ? columns : space;
    lines.push(rest.slice(0, at));
    rest = indent + rest.slice(at).trimStart();
  }
  return lines;
}

/** Two texts side by side; `left` is as wide as it says. */
export function beside(left: readonly string[], right: readonly string[], leftWidth: number): string[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) =>
    `${colors.cyan((left[row] ?? "").padEnd(leftWidth))} ${colors.dim("│")} ${right[row] ?? ""}`.trimEnd());
}

/** Columns as wide as their widest cell; the last may be of any length and is wrapped. */
export function table(rows: readonly (readonly string[])[], indent = 2): string[] {
  const widths = (rows[0] ?? []).slice(0, -1).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const before = indent + widths.reduce((sum, cell) => sum + cell + 2, 0);
  return rows.flatMap((row) => {
    const cells = widths.map((cell, column) => (row[column] ?? "").padEnd(cell)).join("  ");
    const [first = "", ...more] = wrap(row.at(-1) ?? "", width - before);
    return [`${" ".repeat(indent)}${cells}  ${first}`.trimEnd(), ...more.map((line) => " ".repeat(before) + line.trimStart())];
  });
}

/** JSON in lines of at most `columns`, broken after commas. */
export function wrapJson(json: string, columns: number): string[] {
  const lines: string[] = [];
  for (let rest = json; rest !== ""; ) {
    const comma = rest.lastIndexOf(",", columns - 1);
    const at = rest.length <= columns ? rest.length : comma < columns / 2 ? columns : comma + 1;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return lines;
}
