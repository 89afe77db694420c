// The oracles that watch runs, each a back end under its name.

import { canonical } from "./canonical.ts";
import { growth } from "./growth.ts";
import { isolation } from "./isolation.ts";
import { minimality } from "./minimality.ts";
import type { Oracle } from "./oracle.ts";
import { stale, twice } from "./resumed.ts";

export const oracles: readonly Oracle[] = [canonical, isolation, minimality, growth, twice, stale];
