// The flows, compiled in place: the simulation also runs outside the test runner, which compiles for its tests.

import { readFileSync } from "node:fs";
import type { Flow } from "../../../runtime/api/deflow.ts";
import { load } from "../../compiler/source.ts";
import * as effects from "./effects.ts";

const source = readFileSync(new URL("flows.ts", import.meta.url), "utf8");

export const flows = load(source, { fileName: "flows.ts", modules: { "./effects.ts": effects } }) as Record<
  "collect" | "remind" | "both" | "racing" | "calling" | "parent" | "careful" | "fan" | "fragile", Flow<never[], unknown>
>;
