// inspect({ redact }): what must not be seen is seen nowhere.

import { inspect as print } from "node:util";
import { deflow, FatalError, listen, respond, run, serializable, step } from "deflow";
import { expect, it } from "vitest";
import type { Redact } from "../../runtime/engine/telling/redact.ts";
import { onEachStore } from "./engines.ts";

const secret = "DE02-7777";

class Account {
  iban: string;
  owner: string;
  constructor(iban: string, owner: string) {
    this.iban = iban;
    this.owner = owner;
  }
}
serializable(Account, { name: "redact/Account" });

const holder = deflow(async function holder(given: { iban: string }) {
  const account = new Account(given.iban, "Ann");
  const set = new Set([account, { iban: given.iban }]);
  const byAccount = new Map<unknown, unknown>([[{ iban: given.iban }, 1], [`key ${given.iban}`, 2], [`key again ${given.iban}`, 3]]);
  const error = Object.assign(new Error(`no money in ${given.iban}`, { cause: new Error(given.iban) }), { iban: given.iban });
  const list = Object.assign([account], { iban: given.iban });
  const settled = step("read", () => ({ iban: given.iban }));
  await settled;
  let last = "";
  const remember = (word: string): void => void (last = word);
  remember(given.iban);
  run.index({ iban: given.iban });
  run.progress(`paying ${given.iban}`);
  respond({ iban: given.iban });
  const text = [given, account].map(({ iban }) => iban).join() + await listen("word", { prompt: { iban: given.iban }, metadata: given.iban, label: given.iban });
  return { iban: given.iban, kept: [text, account, set, byAccount, error, list, await settled, last].length };
});

const failing = deflow(async function failing(iban: string) {
  await listen("word");
  throw new FatalError(`rejected ${iban}`, { cause: new Error(`because of ${iban}`) });
});

const logging = deflow(async function logging(iban: string) {
  const padding = "x".repeat(3_000);
  run.log("long", { iban, padding, also: { iban } });
  run.log("map", { of: new Map<unknown, unknown>([["iban", iban], [{ iban }, iban]]), plain: new Map([["iban", iban]]) });
  await listen("word");
});

const hide: Redact = (name, value) => (name === "iban" || (typeof value === "string" && value.includes(secret)) ? "…" : value);

onEachStore({ holder, failing, logging }, (bench) => {
  const shownOf = async (id: string): Promise<string> =>
    print(await bench().engine().inspect(id, { redact: hide }), { depth: 12, showHidden: true });

  it("in sets, instances, keys of maps, errors, arrays with fields, promises, shared variables", async () => {
    const engine = bench().engine();
    await engine.start(holder, [{ iban: secret }], { id: "r" });
    expect(print(await engine.inspect("r"), { depth: 12, showHidden: true })).toContain(secret);
    expect(await shownOf("r")).not.toContain(secret);
    const { strands, run: shown } = await engine.inspect("r", { redact: hide });
    const locals = strands[0]?.locals as Record<string, unknown>;
    const account = locals["account"] as Account;
    expect(account).toBeInstanceOf(Account);
    expect([account.iban, account.owner]).toEqual(["…", "Ann"]);
    expect([...locals["set"] as Set<unknown>]).toEqual([account, { iban: "…" }]);
    expect([...locals["set"] as Set<unknown>][0]).toBe(account);
    expect([...locals["byAccount"] as Map<unknown, unknown>]).toEqual([[{ iban: "…" }, 1], ["…", 2], ["… (2)", 3]]);
    const error = locals["error"] as Error & { iban: string };
    expect([error.message, error.iban, (error.cause as Error).message]).toEqual(["…", "…", "…"]);
    expect(error.stack).toMatch(/^Error: …\n/);
    expect((locals["list"] as unknown[] & { iban: string }).iban).toBe("…");
    expect(locals["settled"]).toEqual({ promise: "fulfilled", value: { iban: "…" } });
    expect(Object.keys(locals).filter((name) => name.startsWith("~"))).toEqual([]);
    expect(shown).toMatchObject({
      id: "r", status: "waiting", index: { iban: "…" }, progress: "…", responses: [{ iban: "…" }],
      waits: [{ kind: "listen", context: "word", prompt: { iban: "…" }, metadata: "…", label: "…" }],
    });
  });

  it("in arguments before the start, and in results, errors and refused events", async () => {
    const engine = bench().engine();
    await engine.start(holder, [{ iban: secret }], { id: "queued", queue: "q" });
    expect(await shownOf("queued")).not.toContain(secret);
    await engine.start(holder, [{ iban: secret }], { id: "done" });
    await engine.continue("done", "word", "x");
    expect(await shownOf("done")).not.toContain(secret);
    expect((await engine.inspect("done", { redact: hide })).run).toMatchObject({ status: "completed", value: { iban: "…", kept: 8 } });
    await engine.start(failing, [secret], { id: "failed" });
    await engine.continue("failed", "word", "x");
    expect(await shownOf("failed")).not.toContain(secret);
    const { error } = (await engine.inspect("failed", { redact: hide })).run as unknown as { error: { message: string; name: string; cause: { message: string } } };
    expect([error.name, error.message, error.cause.message]).toEqual(["FatalError", "…", "…"]);
  });

  it("by name in the fields of logs, however long they are, and in Maps there", async () => {
    await bench().engine().start(logging, [secret], { id: "r" });
    const byName: Redact = (name, value) => (name === "iban" || name === "(value)" ? "…" : value);
    const { logs } = await bench().engine().inspect("r", { redact: byName });
    expect(logs).toHaveLength(2);
    expect(JSON.stringify(logs)).not.toContain(secret);
    expect(logs[0]?.fields).toMatchObject({ iban: "…", padding: expect.stringMatching(/^x{1900,}…$/) as string });
    expect(logs[1]?.fields).toEqual({ of: [{ iban: "…" }, { "(key)": { iban: "…" }, "(value)": "…" }], plain: { iban: "…" } });
  });

  it("in what a stranded run tells", async () => {
    await bench().engine().start(failing, [secret], { id: "r" });
    const other = bench().engine({ dev: true, flows: {} });
    const hidden: Redact = (name, value) => (name === "diff" || name === "message" ? "…" : value);
    const { run: shown } = await other.inspect("r", { redact: hidden });
    expect(shown).toMatchObject({ status: "stranded", stranded: { diff: "…", error: { code: "UNKNOWN_FLOW", message: "…" } } });
  });

  it("and without it everything is shown as it is", async () => {
    const engine = bench().engine();
    const started = await engine.start(holder, [{ iban: secret }], { id: "r" });
    const { strands, run: shown } = await engine.inspect("r");
    expect(strands[0]?.locals).toMatchObject({ account: { iban: secret } });
    expect(shown.responses).toEqual(started.responses);
  });
});
