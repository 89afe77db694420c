// Runs that the code at hand does not fit: told as stranded, with what differs, and unharmed.

import { expect, it } from "vitest";
import { listen } from "../../runtime/api/listen.ts";
import { onEachStore } from "./engines.ts";
import { flow } from "./flows.ts";

const first = () => flow<[string], unknown>("ageing", {
  "": (args) => ({ at: "listen:choice", on: listen("choice"), locals: { name: (args as string[])[0], count: 1 } }),
  "listen:choice": (value) => ({ result: value }),
}, { "listen:choice": "count name" });
const later = () => flow<[string], unknown>("ageing", {
  "": (args) => ({ at: "listen:verdict", on: listen("verdict"), locals: { name: (args as string[])[0] } }),
  "listen:verdict": (value) => ({ result: value }),
}, { "listen:verdict": "name" });

onEachStore({}, (bench) => {
  it("shows which points are gone and which are there instead; with the code that fits it goes on", async () => {
    const ageing = first();
    const before = bench().engine({ dev: true, flows: { ageing } });
    await before.start(ageing, ["Ann"], { id: "r" });
    const engine = bench().engine({ dev: true, flows: { ageing: later() } });
    const diff = "- ageing at listen:choice, with count, name\n+ ageing at listen:verdict (flows.ts:1:1)";
    const run = await engine.get("r");
    expect(run).toMatchObject({
      id: "r", status: "stranded",
      stranded: { diff, misfits: [{ flow: "ageing", point: "listen:choice", locals: ["count", "name"], points: ["listen:verdict (flows.ts:1:1)"] }], error: { code: "UNKNOWN_POINT" } },
    });
    expect(await engine.inspect("r")).toMatchObject({ run: { status: "stranded" }, strands: [] });
    await engine.send("r", "choice", "yes");
    await engine.idle();
    expect(bench().warnings("error")).toEqual([]);
    await engine.tick();
    expect(bench().warnings()).toEqual([expect.stringContaining(diff)]);
    expect(await engine.continue("r", "choice", "yes", { wait: 0 })).toMatchObject({ status: "stranded", accepted: true });

    const production = bench().engine({ dev: false, flows: { ageing: later() } });
    expect(await production.get("r")).toMatchObject({ status: "stranded", stranded: { diff } });
    const other = bench().engine({ dev: true, flows: {} });
    expect(await other.get("r")).toMatchObject({ status: "stranded", stranded: { error: { code: "UNKNOWN_FLOW" } } });

    const fits = bench().engine({ dev: true, flows: { ageing: first() } });
    expect(await fits.get("r")).toMatchObject({ status: "waiting" });
    await bench().clock.advance(60_000);
    await fits.tick();
    await fits.idle();
    expect(await fits.get("r")).toMatchObject({ status: "completed", value: "yes" });
  });

  it("leaves a queued run alone whose arguments name a class that the code lacks", async () => {
    const ageing = first();
    const engine = bench().engine({ dev: true, flows: { ageing } });
    await engine.start(ageing, ["Ann"], { id: "r", queue: "q" });
    const row = (await bench().store.load("r")) ?? expect.unreachable();
    const { version, status, waits, state, frame } = row;
    const gone = frame.replace('"Ann"', '{"$c":["Gone@1",{}]}').replace(/\}$/, ',"heap":[]}');
    await bench().store.commit([{ id: "r", version, status, waits, state, frame: gone, looked: 0, now: bench().clock.now(), wake: bench().clock.now() }]);
    for (let looked = 0; looked < 7; looked++) {
      await engine.tick();
      await bench().clock.advance(60_000);
    }
    expect(bench().warnings("error")[0]).toContain("The run `r` cannot go on here: ");
    expect((await bench().store.load("r"))).toMatchObject({ status: "queued", wake: { owner: null, attempt: 0 } });
  });

  it("tells an external and an activity that the code lacks", async () => {
    const ageing = first();
    const engine = bench().engine({ dev: true, flows: { ageing } });
    await engine.start(ageing, ["Ann"], { id: "r" });
    const row = (await bench().store.load("r")) ?? expect.unreachable();
    const { version, status, waits, state, frame } = row;
    const gone = frame.replace('"name":"Ann"', '"name":{"$ext":"gone"}').replace(/\}$/, ',"heap":[]}');
    await bench().store.commit([{ id: "r", version, status, waits, state, frame: gone, looked: 0, now: bench().clock.now(), wake: null }]);
    expect(await engine.get("r")).toMatchObject({ status: "stranded", stranded: { error: { code: "UNKNOWN_EXTERNAL" }, diff: expect.stringContaining("gone") as string } });
  });
});
