// settle: whoever holds a callback's token answers it.

import { deflowError } from "../../errors/classes.ts";
import { tokenHash } from "../../run/token.ts";
import { type Joining, joining } from "./client.ts";
import type { Core } from "../core.ts";
import { direct } from "./direct.ts";
import { checkToken } from "../turns/inbox.ts";
import { checkEvent } from "./limits.ts";
import { tokenKey } from "../turns/record.ts";
import type { Run } from "../run.ts";

/** Throws UnknownToken for a token that is wrong, used, or no longer waited for. */
export async function settle(engine: Core, token: string, data: unknown, options: Joining = {}): Promise<Run> {
  engine.open();
  const core = joining(engine, options);
  checkEvent(core, "callback", data);
  const hash = tokenHash(typeof token === "string" ? token : "");
  const [row] = await core.store.find({ index: { [tokenKey(hash)]: true }, limit: 1 });
  if (!row) throw deflowError("UNKNOWN_TOKEN", {});
  return await direct(core, row.id, {
    // Used twice at the same time, one of them is a duplicate.
    eventId: `settle:${hash}`, wait: 30_000, inOrder: false,
    check: async (_row, { waits }) => ({ settle: hash, data: await checkToken(waits, hash, data) }),
    again: () => ({ token: hash, data }),
    letter: () => ({ kind: "settle", token: hash, data }),
  });
}
