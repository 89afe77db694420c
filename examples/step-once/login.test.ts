import { expect, it, vi } from "vitest";
import { testEngine } from "deflow/testing";
import { processes } from "../processes.ts";
import { gateway, resend, sendCode } from "./login.ts";

it("happens once", async () => {
  const engine = testEngine({ flows: { sendCode }, steps: { text: () => {} } });
  expect(await engine.start(sendCode, ["+49", "1234"])).toMatchObject({ status: "completed", value: "sent" });
  expect(engine.steps("text")).toHaveLength(1);
  await engine.close();
});

it("is not made again when a crash cut it off; the flow is told, and asks", async () => {
  const text = vi.spyOn(gateway, "text").mockImplementationOnce(() => new Promise(() => {})).mockResolvedValue();
  await processes({ flows: { sendCode } }, async ({ next }) => {
    void next().start(sendCode, ["+49", "1234"], { id: "login" });
    await vi.waitFor(() => expect(text).toHaveBeenCalledTimes(1));
    const second = next(31_000);
    await second.tick();
    expect(await second.get("login")).toMatchObject({ status: "waiting", waits: [{ context: "resend" }] });
    expect(text).toHaveBeenCalledTimes(1);
    expect(await second.continue("login", resend, true)).toMatchObject({ status: "completed", value: "sent" });
    expect(text).toHaveBeenCalledTimes(2);
  });
});
