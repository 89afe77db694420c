// What a migration adds to going on from a frame: read, migrated, its turn, stored again; beside the same frame that fits as it is.

import { migrate } from "../../runtime/api/migrate.ts";
import { listen } from "../../runtime/api/listen.ts";
import { deflow, type Flow } from "../../runtime/api/deflow.ts";
import * as $ from "../../runtime/internal.ts";
import type { Frame } from "../../runtime/strands/strand.ts";
import { begin, resume } from "../../runtime/turn/begin.ts";
import { fingerprint } from "../../runtime/versions/fingerprint.ts";
import { type Row, rowOf } from "./row.ts";
import { timed } from "./timed.ts";

/** async (amount, note) => { for (;;) await listen("go") }, which needs `slots` there. */
function waiting(id: string, slots: string): Flow {
  const point = "listen:go";
  const meta = { contract: $.contract, id, name: id, length: 2, file: "bench.ts", points: { [point]: [1, 1, slots] as const } };
  return deflow($.flow(meta, async ($f: Frame) => {
    try {
      let locals = $f.point === undefined ? { amount: $f.args[0], note: $f.args[1] } : { ...$f.locals };
      let wait: unknown = $f.point === undefined ? undefined : $.again($f);
      for (;;) {
        wait ??= $.stop($f, point, listen("go") as object, locals);
        await wait;
        $.in($f);
        locals = { amount: locals["amount"], note: locals["note"] };
        wait = undefined;
      }
    } catch (error) {
      $.in($f);
      $.fail($f, error);
    }
  }) as never) as unknown as Flow;
}

export async function migrateRows(): Promise<Row[]> {
  const fits = waiting("fits", "amount note");
  const newer = waiting("newer", "amount note rate");
  migrate(newer, `listen:go@${fingerprint("", [{ key: "amount" }, { key: "note" }])}`, (locals) => ({ ...locals, rate: 1 }));
  // As the README's flow has it.
  const args = [{ id: "e-1021", amount: 129.5, currency: "EUR", purpose: "Train to Lyon", manager: "ada@example.com", paid: false }, "urgent"] as never;
  const plain = (await begin(fits as never, args)).frame ?? "";
  const old = (await begin(newer as never, args)).frame ?? "";
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round < 6_000; round++) {
    const pair = [await timed(() => resume(plain, "go", {})), await timed(() => resume(old, "go", {}))] as const;
    if (round >= 1_000) pairs.push(pair);
  }
  return [rowOf("resume of a frame that is migrated, ms", 1.2, pairs)];
}
