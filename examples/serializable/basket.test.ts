import { begin, context, deflow, listen, resume, serializable } from "deflow";
import { expect, it } from "vitest";
import { processes } from "../processes.ts";
import { basket, item, Money } from "./basket.ts";

it("instances are instances after a stop, in another process too", async () => {
  await processes({ flows: { basket } }, async ({ next }) => {
    const run = await next().start(basket, ["EUR"]);
    await next().continue(run.id, item, 250);
    const done = await next().continue(run.id, item, 0);
    expect(done).toMatchObject({ status: "completed", value: new Money(250, "EUR") });
    expect("value" in done && done.value).toBeInstanceOf(Money);
  });
});

it("older versions are upgraded when they are read", async () => {
  const { frame } = await begin(basket, ["EUR"]);
  const now = '{"$c":["Money@2",{"cents":0,"currency":"EUR"}]}';
  expect(frame).toContain(now);
  const old = frame.replace(now, '{"$c":["Money@1",{"amount":12,"currency":"EUR"}]}');
  expect(await resume(old, item, 0)).toMatchObject({ value: new Money(1200, "EUR") });
  await expect(resume(frame.replace("Money@2", "Money@3"), item, 0)).rejects.toMatchObject({ code: "UNKNOWN_CLASS" });
});

class Unregistered {
  readonly size = 1;
}

const go = context("go");
const holding = deflow(async function holding() {
  const held = new Unregistered();
  await listen(go);
  return held.size;
});

it("what cannot be kept is refused, with its path", async () => {
  await expect(begin(holding, [])).rejects.toMatchObject({ code: "NOT_SERIALIZABLE", message: expect.stringContaining("locals.held") as string });
});

const settings = { theme: "dark" };
const theming = deflow(async function theming() {
  const mine = settings;
  const before = mine === settings;
  await listen(go);
  return { before, after: mine === settings, equal: mine.theme === settings.theme };
});

it("an object of module state that a local holds is a copy after a stop", async () => {
  const { frame } = await begin(theming, []);
  expect(await resume(frame, go, null)).toMatchObject({ value: { before: true, after: false, equal: true } });
});

it("takes no class whose state it cannot read", () => {
  class Secret {
    readonly #code = 1;
    read = () => this.#code;
  }
  expect(() => serializable(Secret)).toThrow(expect.objectContaining({ code: "INVALID_CLASS" }) as Error);
});
