import { testEngine } from "deflow/testing";
import { afterEach, expect, it, vi } from "vitest";
import { processes } from "../processes.ts";
import { localise } from "./translation.ts";

afterEach(() => vi.restoreAllMocks());

it("is called like a function, with arguments that a stand-in sees too", async () => {
  const engine = testEngine({ flows: { localise }, steps: { "translator.translate": ({ args: [text, language] }) => `${language}: ${text}` } });
  expect(await engine.start(localise, ["Lamp", ["de", "fr"]])).toMatchObject({ value: "de: Lamp\nfr: Lamp ✓" });
  expect(engine.steps("translator.translate").map(({ args }) => args)).toEqual([["Lamp", "de"], ["Lamp", "fr"]]);
  await engine.close();
});

it("is tried again as its options say", async () => {
  const fetched = vi.spyOn(globalThis, "fetch").mockResolvedValueOnce(new Response("", { status: 500 })).mockResolvedValue(new Response("Lampe"));
  const engine = testEngine({ flows: { localise } });
  const run = await engine.start(localise, ["Lamp", ["de"]]);
  await engine.advance("1 second");
  expect(await engine.get(run)).toMatchObject({ value: "Lampe ✓" });
  expect(fetched).toHaveBeenCalledTimes(2);
  await engine.close();
});

it("any process that registers it makes the attempt", async () => {
  const fetched = vi.spyOn(globalThis, "fetch").mockImplementationOnce(() => new Promise(() => {})).mockResolvedValue(new Response("Lampe"));
  await processes({ flows: { localise } }, async ({ next }) => {
    void next().start(localise, ["Lamp", ["de"]], { id: "lamp" });
    await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(1));
    const second = next(31_000);
    await second.tick();
    expect(await second.get("lamp")).toMatchObject({ value: "Lampe ✓" });
    expect(fetched.mock.calls.map(([, options]) => new Headers(options?.headers).get("Idempotency-Key"))).toEqual(["lamp:1", "lamp:1"]);
  });
});
