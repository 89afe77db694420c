// What becomes of the runs that a flow started when that flow is cancelled, killed, or fails.

import { compensate, deflow, listen, type Run, start, step, type ChildOptions } from "deflow";
import { describe, expect, it } from "vitest";
import type { Store } from "../../runtime/store.ts";
import { onEachStore } from "./engines.ts";

const noted: string[] = [];
const gate: { open: Promise<unknown> } = { open: Promise.resolve() };

const child = deflow(async function childOf(name: string) {
  try {
    return await listen("word");
  } finally {
    noted.push(`${name} ends`);
  }
});

const parent = deflow(async function parentOf(options: ChildOptions) {
  compensate(() => void noted.push("undone"));
  const handle = await start(child, ["child"], options);
  return await handle.result();
});

const failing = deflow(async function failingParent(options: ChildOptions) {
  await start(child, ["child"], options);
  await listen("go");
  throw new Error("no");
});

const tidying = deflow(async function tidyingParent(options: ChildOptions = {}) {
  try {
    await start(child, ["first"], { id: "first" });
    await listen("go");
  } finally {
    await start(child, ["refund"], { id: "refund", ...options });
    await listen("on");
  }
});

const busy = deflow(async function busyParent(options: ChildOptions) {
  await Promise.all([start(child, ["child"], options), step("busy", () => gate.open)]);
});

const grandparent = deflow(async function grandparentOf() {
  return await (await start(parent, [{ id: "grandchild" }], { id: "middle" })).result();
});

onEachStore({ child, parent, failing, tidying, busy, grandparent }, (bench) => {
  const status = async (id: string): Promise<Run["status"]> => (await bench().engine().get(id)).status;

  async function started(options: ChildOptions): Promise<ReturnType<ReturnType<typeof bench>["engine"]>> {
    noted.length = 0;
    const engine = bench().engine();
    await engine.start(parent, [{ id: "child", ...options }], { id: "parent" });
    await engine.idle();
    return engine;
  }

  describe("cascade, which is the default", () => {
    it("cancels the child with its parent, for the same reason", async () => {
      const engine = await started({});
      await engine.cancel("parent", "too late");
      await engine.idle();
      expect(await engine.get("parent")).toMatchObject({ status: "cancelled" });
      expect(await engine.get("child")).toMatchObject({ status: "cancelled", error: { message: expect.stringContaining("too late") } });
      expect(noted.toSorted()).toEqual(["child ends", "undone"]);
      expect(await bench().store.outbox(9)).toEqual([]);
    });

    it("reaches children of children, and leaves alone what has ended", async () => {
      const engine = bench().engine();
      await engine.start(grandparent, [], { id: "top" });
      await engine.idle();
      await engine.cancel("top");
      await engine.idle();
      expect([await status("top"), await status("middle"), await status("grandchild")]).toEqual(["cancelled", "cancelled", "cancelled"]);
      await engine.start(failing, [{ id: "over" }], { id: "p" });
      await engine.idle();
      await engine.continue("over", "word", "x");
      await engine.cancel("p");
      await engine.idle();
      expect(await engine.get("over")).toMatchObject({ status: "completed", refused: [] });
    });

    it("of a parent that is killed: the child is cancelled, and cleans up", async () => {
      const engine = await started({ onCancel: "cascade" });
      await engine.kill("parent", "enough");
      await engine.idle();
      expect([await status("parent"), await status("child"), ...noted]).toEqual(["killed", "cancelled", "child ends"]);
    });

    it("survives the process that cancelled, wherever that ended", async () => {
      await started({});
      const store = bench().store;
      const deaf = bench().engine({ store: instead(store, { outbox: async () => [] }) });
      await deaf.cancel("parent", "and then it died");
      expect(await status("child")).toBe("waiting");
      expect(await store.outbox(9)).toHaveLength(1);
      const next = bench().engine();
      await next.tick();
      await next.tick();
      expect(await status("child")).toBe("cancelled");
      expect(await store.outbox(9)).toEqual([]);
    });

    it("a child that is stored when its parent is cancelled already does not begin", async () => {
      const engine = await started({ startAt: "1 hour" });
      const store = bench().store;
      const deaf = bench().engine({ store: instead(store, { outbox: async () => [] }) });
      await deaf.kill("parent");
      await bench().clock.advance(3_600_000);
      // The worker that begins it comes before whoever delivers.
      const early = bench().engine({ store: instead(store, { outbox: async () => [] }) });
      await early.tick();
      expect([await status("child"), ...noted]).toEqual(["cancelled"]);
      await engine.tick();
      expect(await store.outbox(9)).toEqual([]);
    });

    it("cancels a queued child at once, without beginning it", async () => {
      const engine = await started({ queue: "far" });
      await engine.cancel("parent");
      await engine.idle();
      expect([await status("child"), ...noted]).toEqual(["cancelled", "undone"]);
    });

    it("is not for children that the cleanup starts, nor for runs that were there before", async () => {
      noted.length = 0;
      const engine = bench().engine();
      await engine.start(tidying, [], { id: "p" });
      await engine.cancel("p");
      await engine.idle();
      expect([await status("p"), await status("first"), await status("refund")]).toEqual(["waiting", "cancelled", "waiting"]);
      await engine.kill("p");
      await engine.idle();
      expect(await status("refund")).toBe("cancelled");
      await engine.start(child, ["there"], { id: "there" });
      await engine.start(parent, [{ id: "there" }], { id: "joins" });
      await engine.cancel("joins");
      await engine.idle();
      expect([await status("joins"), await status("there")]).toEqual(["cancelled", "waiting"]);
    });

    it("of a parent that is killed at its deadline: children that its cleanup started are treated as they were started", async () => {
      const engine = bench().engine();
      for (const [onCancel, expected] of [["cascade", "cancelled"], ["abandon", "waiting"], ["wait", "waiting"]] as const) {
        const refund = `refund with ${onCancel}`;
        await engine.start(tidying, [{ id: refund, onCancel }], { id: onCancel });
        await engine.cancel(onCancel);
        await engine.idle();
        expect([await status(onCancel), await status(refund)]).toEqual(["waiting", "waiting"]);
        await bench().clock.advance(60_000);
        await engine.tick();
        await engine.idle();
        expect([onCancel, await status(onCancel), await status(refund)]).toEqual([onCancel, "killed", expected]);
      }
    });

    it("is not for a parent that fails, which may be tried again, nor for a fork", async () => {
      const engine = bench().engine();
      await engine.start(failing, [{ id: "child" }], { id: "p" });
      const fork = await engine.fork("p", { id: "fork" });
      await engine.cancel(fork);
      await engine.continue("p", "go", 1);
      await engine.idle();
      expect([await status("fork"), await status("p"), await status("child")]).toEqual(["cancelled", "failed", "waiting"]);
    });
  });

  it("abandon leaves the child alone, on cancel and on kill", async () => {
    const engine = await started({ onCancel: "abandon" });
    await engine.cancel("parent");
    await engine.idle();
    await engine.start(parent, [{ id: "other", onCancel: "abandon" }], { id: "killed" });
    await engine.kill("killed");
    await engine.idle();
    expect([await status("parent"), await status("child"), await status("killed"), await status("other")]).toEqual(["cancelled", "waiting", "killed", "waiting"]);
  });

  describe("wait", () => {
    it("leaves the child alone too, and the parent ends after it, however long that takes", async () => {
      const engine = await started({ onCancel: "wait" });
      await engine.cancel("parent", "enough");
      await engine.idle();
      expect([await status("parent"), await status("child"), ...noted]).toEqual(["waiting", "waiting"]);
      await bench().clock.advance(86_400_000);
      await bench().engine().tick();
      expect(await status("parent")).toBe("waiting");
      const other = bench().engine();
      await other.continue("child", "word", "done");
      await other.idle();
      expect(await other.get("parent")).toMatchObject({ status: "cancelled", error: { message: expect.stringContaining("enough") } });
      expect([await status("child"), ...noted]).toEqual(["completed", "child ends", "undone"]);
    });

    it("does not ask how the child ended, and holds up no end but that of a cancel", async () => {
      const engine = await started({ onCancel: "wait" });
      await engine.cancel("parent");
      await engine.kill("child");
      await engine.idle();
      expect(await status("parent")).toBe("cancelled");
      await engine.start(parent, [{ id: "other", onCancel: "wait" }], { id: "killed" });
      await engine.idle();
      await engine.kill("killed");
      await engine.idle();
      expect([await status("killed"), await status("other")]).toEqual(["killed", "waiting"]);
      await engine.start(failing, [{ id: "third", onCancel: "wait" }], { id: "fails" });
      await engine.continue("fails", "go", 1);
      expect([await status("fails"), await status("third")]).toEqual(["failed", "waiting"]);
    });

    it("knows children that ended before, and those that are being started", async () => {
      const engine = bench().engine();
      await engine.start(failing, [{ id: "over", onCancel: "wait" }], { id: "p" });
      await engine.idle();
      await engine.continue("over", "word", "x");
      await engine.idle();
      await engine.cancel("p");
      expect(await status("p")).toBe("cancelled");
      let open = (): void => {};
      gate.open = new Promise<void>((resolve) => (open = resolve));
      const { store } = bench();
      const slow = instead(store, {
        async commit(changes) {
          if (changes.some(({ id }) => id === "late")) await gate.open;
          return await store.commit(changes);
        },
      });
      const late = bench().engine({ store: slow, graceTime: 0 });
      const begun = late.start(busy, [{ id: "late", onCancel: "wait" }], { id: "busy" });
      await expect.poll(async () => (await bench().store.load("busy"))?.status).toBe("running");
      const cancelled = late.cancel("busy", "enough");
      await expect.poll(async () => {
        await bench().clock.advance(1);
        return (await bench().store.load("busy"))?.frame;
      }).toContain("enough");
      open();
      await Promise.all([begun, cancelled]);
      await late.idle();
      expect([await status("busy"), await status("late")]).toEqual(["waiting", "waiting"]);
      await late.continue("late", "word", "x");
      await late.idle();
      expect(await status("busy")).toBe("cancelled");
    });

    it("a fork waits for no child of the original", async () => {
      const engine = bench().engine();
      await engine.start(failing, [{ id: "child", onCancel: "wait" }], { id: "p" });
      await engine.fork("p", { id: "fork" });
      await engine.cancel("fork");
      expect([await status("fork"), await status("child")]).toEqual(["cancelled", "waiting"]);
    });
  });

  it("another word is refused", async () => {
    const engine = bench().engine();
    const run = await engine.start(parent, [{ onCancel: "kill" as never }]);
    expect(run).toMatchObject({ status: "failed", error: { code: "INVALID_ARGUMENT", message: expect.stringContaining("onCancel") } });
  });
});

/** The same store, but for these methods. */
function instead(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(key in methods ? methods : target, key);
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}
