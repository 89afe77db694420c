// Liveness once more, slowly and from the printed blocks alone: a local is kept at a resume point iff some path from there
// reads it before writing it. Paths are enumerated, each block at most twice on a path; good for small programs.

interface PrintedBlock {
  readonly name: string;
  readonly handler: string | undefined;
  readonly lines: readonly string[];
  readonly exits: readonly string[];
  readonly end: string;
}

/** Per resume point: what the compiler keeps, and what the enumeration says. */
export function keptAndLive(printed: string, scopes: string): { point: string; kept: string[]; live: string[] }[] {
  const blocks = parse(printed);
  const cells = new Set([...scopes.matchAll(/^ {4}(\S+) \w+ cell/gm)].map((match) => match[1] as string));
  return [...blocks.values()].flatMap((block) => {
    const stop = /^await (\S+): .* → (b\d+) {3}keeps \{ (.*) \}$/.exec(block.end);
    if (!stop) return [];
    const [, point = "", to = "", keeps = ""] = stop;
    const kept = keeps.split(", ").filter((key) => key !== "").map(slotName);
    const live = [...names(printed)].filter((name) => readsFirst(name, to, blocks, cells, new Map()));
    return [{ point, kept: kept.toSorted(), live: live.toSorted() }];
  });
}

/** `$it1 as ~it1` → `$it1` */
function slotName(kept: string): string {
  return kept.replace(/ as .*/, "");
}

function parse(printed: string): Map<string, PrintedBlock> {
  const handlers = new Map([...printed.matchAll(/^ {2}\w+ (\d+) → (b\d+)/gm)].map((match) => [match[1], match[2]]));
  const blocks = new Map<string, PrintedBlock>();
  for (const text of printed.split(/\n(?= {2}b\d)/).slice(1)) {
    const [head = "", ...rest] = text.split("\n");
    const [, name = "", region] = /^ {2}(b\d+)(?: \[\w+ (\d+)\])?:/.exec(head) ?? [];
    const lines = rest.map((line) => line.trim());
    const exits = lines.filter((line) => line.startsWith("exits ")).flatMap((line) => line.slice(6).split(", "));
    const code = lines.filter((line) => !line.startsWith("exits "));
    blocks.set(name, { name, handler: handlers.get(region), lines: code.slice(0, -1), exits, end: code.at(-1) ?? "" });
  }
  return blocks;
}

/** All that looks like a local: declared in the flow, or a temporary. */
function names(printed: string): Set<string> {
  const found = new Set(printed.match(/\$(?:t|it|c|m)\d+/g) ?? []);
  for (const match of printed.matchAll(/^ {4}([a-z]\w*) = /gm)) found.add(match[1] as string);
  for (const match of printed.matchAll(/^ {4}\(?[[{](.*?)[\]}] = /gm)) for (const name of (match[1] as string).match(/\w+/g) ?? []) found.add(name);
  found.delete("value");
  return found;
}

function readsFirst(name: string, at: string, blocks: ReadonlyMap<string, PrintedBlock>, cells: ReadonlySet<string>, seen: ReadonlyMap<string, number>): boolean {
  const visits = seen.get(at) ?? 0;
  const block = blocks.get(at);
  if (visits === 2 || !block) return false;
  const path = new Map(seen).set(at, visits + 1);
  const follow = (to: string): boolean => readsFirst(name, to, blocks, cells, path);
  for (const line of block.lines) {
    if (uses(name, line, cells)) return true;
    // The statement may throw before it has assigned.
    if (block.handler !== undefined && follow(block.handler)) return true;
    if (writes(name, line, cells)) return false;
  }
  if (uses(name, block.end.replace(/ → .*/, "").replace(/^await \S+: /, ""), cells)) return true;
  if (block.handler !== undefined && follow(block.handler)) return true;
  return [...block.exits, ...targets(block.end)].some(follow);
}

function targets(end: string): string[] {
  return [...(/ → (.*?)(?: {3}keeps .*)?$/.exec(end)?.[1] ?? end.replace(/^jump /, "")).matchAll(/\bb\d+/g)].map(([to]) => to);
}

/** `x = …`, `[x] = …`, `({ x } = …)`; of a cell only what makes it. */
function writes(name: string, line: string, cells: ReadonlySet<string>): boolean {
  const target = escaped(name);
  if (cells.has(name)) return new RegExp(`^${target} = \\$\\.(cell|copy)\\(`).test(line);
  return new RegExp(`^${target} = `).test(line) || new RegExp(`^\\(?[[{] ?(?:[\\w: ]+, )*${target}(?:, \\w+)* ?[\\]}] = (?:value|\\$f\\.args|\\$it\\d\\.value)`).test(line);
}

function uses(name: string, line: string, cells: ReadonlySet<string>): boolean {
  const body = writes(name, line, cells) ? line.replace(/^\(?[^=]*? = /, "") : line;
  return new RegExp(`(?<![\\w$.])${escaped(name)}(?![\\w$]|: )`).test(body.replace(/"[^"]*"/g, ""));
}

function escaped(name: string): string {
  return name.replaceAll("$", "\\$");
}
