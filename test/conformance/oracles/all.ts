// The oracles that watch runs, each a back end under its name.

import { canonical } from "./canonical.ts";
import { isolation } from "./isolation.ts";
import type { Oracle } from "./oracle.ts";
import { stale, twice } from "./resumed.ts";

export const oracles: readonly Oracle[] = [canonical, isolation, twice, stale];
