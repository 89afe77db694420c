// The process that is killed. It carries programs, a few at a time, to their ends: starts the run or finds it as it was left,
// answers its stops, and tells its parent what became of it. What it had not stored is lost with it.
//
//   argv: the folder, a seed for the order, the numbers of the programs

import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import type { Run } from "../../../runtime/engine/run.ts";
import { sqlite } from "../../../runtime/stores/sqlite.ts";
import { Random } from "../generate/random.ts";
import { idOf, type Told } from "./told.ts";
import { OwnWorld, type Scripts } from "./world.ts";

const atOnce = 4;
/** A run that waits for nothing, or whose turn does not come, for so long in one process is stuck. Milliseconds. */
const patience = 8_000;
const maxTurns = 2_500;

const [folder = "", seed = "0", numbers = ""] = process.argv.slice(2);
const open = new Map<number, OwnWorld>();
const tell = (told: Told): boolean => process.send?.(told) ?? false;

process.on("disconnect", () => process.exit(0));
process.on("unhandledRejection", (reason, promise) => {
  const world = [...open.values()].find((one) => one.made(promise));
  if (world === undefined) throw reason;
  world.ledger.write(`unhandled rejection: ${String(reason)}`);
});
process.send?.("ready", () => void work());

async function work(): Promise<void> {
  const store = sqlite(join(folder, "runs.db"));
  const inside = new Script(textOf("inside.js"), { filename: "inside.js", cachedData: readFileSync(join(folder, "inside.cache")) });
  const scripts = (n: number): Scripts => ({
    inside,
    stops: new Script(textOf("stops.js").replaceAll("PROGRAM", idOf(n)), { filename: "stops.js" }),
    program: new Script(textOf(`${n}.js`), { filename: "program.compiled.js" }),
  });
  const queue = shuffled(numbers.split(",").map(Number), Number(seed)).values();
  const lane = async (): Promise<void> => {
    for (const n of queue) {
      const world = new OwnWorld(store, scripts(n), () => appendFileSync(join(folder, "turns"), `${n}\n`));
      open.set(n, world);
      const stuck = await carry(world, n);
      tell(stuck === undefined ? { ended: n } : { stuck: n, because: stuck });
      await world.engine.close();
      open.delete(n);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  await store.close();
  process.disconnect();
}

/** To its end; gives what it waits for, when it does not come to one. */
async function carry({ engine, main, noArguments }: OwnWorld, n: number): Promise<string | undefined> {
  const id = idOf(n);
  engine.work({ poll: 20 });
  // Every other run is begun by the worker, from a start that was stored.
  let run: Run = n % 2 === 0 ? await engine.start(main, noArguments, { id }) : await engine.start(main, noArguments, { id, queue: "later" });
  for (let turn = -1, since = 0; !hasEnded(run); run = await engine.get(id)) {
    if (run.turn > maxTurns) return `more than ${maxTurns} turns`;
    if (run.turn !== turn) [turn, since] = [run.turn, Date.now()];
    else if (Date.now() - since > patience) return `${run.status}, waits for ${run.waits.map(({ context }) => context).join(", ") || "nothing"} in turn ${turn}`;
    const answered = run.status === "waiting" && run.waits.length > 0 && !(await engine.send(id, "stop", null, { eventId: `turn ${run.turn}` })).duplicate;
    if (!answered) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return undefined;
}

function hasEnded({ status }: Run): boolean {
  return status === "completed" || status === "failed" || status === "cancelled" || status === "killed";
}

function textOf(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

function shuffled(list: readonly number[], from: number): number[] {
  const random = new Random(from);
  return list.map((n) => [random.next(), n] as const).toSorted(([a], [b]) => a - b).map(([, n]) => n);
}
