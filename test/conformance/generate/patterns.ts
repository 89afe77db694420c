// Random destructuring patterns; each name is declared when its place in the pattern is reached.

import type { Scope } from "./scope.ts";

export function pattern(scope: Scope, word: "let" | "const", makeDefault: (depth: number) => string, source: string, depth = 1): string {
  const { random } = scope;
  const name = (initialisers: string) => {
    const text = scope.newName(initialisers);
    scope.declare(text, "value", word === "const");
    return text;
  };
  // A default must not name what stands right of it either: names avoid all that is written so far.
  let written = "";
  const target = (): string => {
    if (depth > 0 && random.chance(0.15)) return `${pattern(scope, word, makeDefault, source, depth - 1)} = [1, { p: 2 }]`;
    // The default is written before the name exists, or it could read it in its dead zone.
    const fallback = random.chance(0.4) ? ` = ${makeDefault(1)}` : "";
    written += fallback;
    return `${name(source + written)}${fallback}`;
  };
  if (random.chance(0.5)) {
    const parts = random.times(1, 3, () => (random.chance(0.15) ? "" : target()));
    if (random.chance(0.2)) parts.push(`...${restName(scope, word, source + written)}`);
    return `[${parts.join(", ")}${parts.at(-1) === "" ? "," : ""}]`;
  }
  const parts = random.times(1, 3, () => `${random.pick(["p", "q", "r", `["p"]`])}: ${target()}`);
  if (random.chance(0.2)) parts.push(`...${restName(scope, word, source + written, "object")}`);
  return `{ ${parts.join(", ")} }`;
}

function restName(scope: Scope, word: "let" | "const", avoid: string, kind: "array" | "object" = "array"): string {
  const name = scope.newName(avoid);
  scope.declare(name, kind, word === "const");
  return name;
}
