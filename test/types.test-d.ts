// The types that authors and callers meet. Checked by `npm run typecheck` and by types.test.ts; nothing here runs. What must not
// compile stands under an `@ts-expect-error`, which is an error itself where none is.

import { begin, callback, context, deflow, listen, resume, sleep, start, step, type Callback, type ChildOptions, type Context, type Durable, type Duration, type Engine, type ErrorInfo, type Flow, type Response, type Run, type RunHandle, type Turn } from "deflow";
import { type Action, handler } from "deflow/http";
import { expectTypeOf } from "vitest";
import { z } from "zod";

declare const engine: Engine;

const decision = context("decision", z.object({ ok: z.boolean(), note: z.string().optional() }));
const plain = context<number>("plain");
const unknownContext = context("whatever");
const counted = context("counted", z.string().transform(Number));

interface Decision { ok: boolean; note?: string | undefined }

// context, listen and continue share a type.
expectTypeOf(decision).toEqualTypeOf<Context<Decision>>();
expectTypeOf(unknownContext).toEqualTypeOf<Context<unknown>>();
expectTypeOf(listen(decision)).toEqualTypeOf<Durable<Decision>>();
expectTypeOf(listen(plain)).toEqualTypeOf<Durable<number>>();
expectTypeOf(listen("a name")).toEqualTypeOf<Durable<unknown>>();
expectTypeOf(listen()).toEqualTypeOf<Durable<unknown>>();
expectTypeOf(listen(decision, { timeout: "2 days", default: null })).toEqualTypeOf<Durable<Decision | null>>();
expectTypeOf(listen(decision, { timeout: "2 days" })).toEqualTypeOf<Durable<Decision>>();
void engine.continue("id", decision, { ok: true });
void engine.send("id", plain, 1);
// A schema that transforms: callers give what it takes, flows get what it makes.
void engine.continue("id", counted, "5");
void resume("frame", counted, "5");
void ((): Promise<number> => listen(counted));
void ((): Promise<number> => callback({ schema: counted }));
// @ts-expect-error what it makes
void engine.continue("id", counted, 5);
// @ts-expect-error what it makes
void resume("frame", counted, 5);
void engine.continue("id", "a name", { any: "thing" });
// @ts-expect-error what the schema does not take
void engine.continue("id", decision, { ok: "yes" });
// @ts-expect-error another type than the context's
void engine.send("id", plain, "1");
// @ts-expect-error no listen takes a number
listen(5);
// @ts-expect-error no such option
listen(decision, { timeouts: "2 days" });

// deflow keeps parameters and result.
const approve = deflow(async function approve(expense: { amount: number }, urgent: boolean = false, ...tags: string[]) {
  const answer = await listen(decision);
  return answer.ok && urgent ? tags.length : expense.amount > 5 ? "large" : null;
});
expectTypeOf(approve).toEqualTypeOf<Flow<[expense: { amount: number }, urgent?: boolean, ...tags: string[]], number | "large" | null>>();
expectTypeOf<Parameters<typeof approve>>().toEqualTypeOf<[expense: { amount: number }, urgent?: boolean | undefined, ...tags: string[]]>();
expectTypeOf<Awaited<ReturnType<typeof approve>>>().toEqualTypeOf<number | "large" | null>();
expectTypeOf(approve({ amount: 1 })).toExtend<Durable<number | string | null>>();
expectTypeOf(deflow({ name: "n", timeout: "1 day" }, async (a: Date) => a)).toEqualTypeOf<Flow<[a: Date], Date>>();
expectTypeOf(deflow(async () => {})).toEqualTypeOf<Flow<[], void>>();
expectTypeOf(approve.deflow.id).toEqualTypeOf<string>();
// @ts-expect-error not the flow's parameter
void approve({ amount: "1" });
// @ts-expect-error not an async function
deflow(() => 1);
// @ts-expect-error no such option
deflow({ nam: "x" }, async () => 1);
// @ts-expect-error not a duration
deflow({ timeout: "1 dya" }, async () => 1);

// Durable is a promise.
declare const durable: Durable<{ a: 1 }>;
expectTypeOf(durable).toExtend<Promise<{ a: 1 }>>();
expectTypeOf<Awaited<typeof durable>>().toEqualTypeOf<{ a: 1 }>();
expectTypeOf(Promise.all([durable, listen(plain), 5])).toEqualTypeOf<Promise<[{ a: 1 }, number, number]>>();
expectTypeOf(Promise.race([durable, sleep("1 day")])).toEqualTypeOf<Promise<{ a: 1 } | void>>();

// step gives what its function gives, awaited.
expectTypeOf(step("pay", async ({ key, attempt }) => `${key} ${attempt}`)).toEqualTypeOf<Durable<string>>();
expectTypeOf(step(() => 5)).toEqualTypeOf<Durable<number>>();
expectTypeOf(step("x", () => 5, { retry: 3, timeout: "10 s" })).toEqualTypeOf<Durable<number>>();
step("x", ({ signal, fence, log, heartbeat }) => {
  expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
  expectTypeOf(fence).toEqualTypeOf<number>();
  log("a", 1);
  heartbeat();
});
// @ts-expect-error no function
step("x", 5);
// @ts-expect-error no such backoff
step("x", () => 5, { retry: { attempts: 3, backoff: "quadratic" } });

// callback gives a token and what its schema takes.
expectTypeOf(callback({ schema: decision })).toEqualTypeOf<Callback<Decision>>();
expectTypeOf(callback<number>().token).toEqualTypeOf<string>();
expectTypeOf<Awaited<Callback<number>>>().toEqualTypeOf<number>();

// A duration's typo is an error.
for (const duration of [5, "1 day", "2 days", "90 s", "1h", "1.5 hours", "3 weeks", "10ms"] satisfies Duration[]) sleep(duration);
// @ts-expect-error
sleep("1 dya");
// @ts-expect-error
sleep("two days");
// @ts-expect-error
sleep("1 dayss");
// @ts-expect-error
sleep("");
// @ts-expect-error
listen(decision, { timeout: "2 fortnights" });
// @ts-expect-error
sleep(new Date());

// begin and resume.
expectTypeOf(begin(approve, [{ amount: 1 }])).toEqualTypeOf<Promise<Turn<number | "large" | null>>>();
void begin(approve, [{ amount: 1 }, true, "a", "b"], { reload: true, checkpoint: async (frame: string) => void frame });
// @ts-expect-error an argument is missing
void begin(approve, []);
// @ts-expect-error not the flow's parameter
void begin(approve, [{ amount: 1 }, "yes"]);
// @ts-expect-error not a flow
void begin(async () => 1, []);
void resume("frame", decision, { ok: true }, { permit: "p" });
void resume("frame", "decision", 5);
void resume("frame", { now: new Date() });
void resume("frame", { cancel: "reason" });
void resume("frame", { token: "t", data: 5 });
// @ts-expect-error neither a context nor an input
void resume("frame", { fire: 5 });

// The union narrows on status, for turns and runs alike.
function narrowTurn(turn: Turn<number>): void {
  expectTypeOf(turn.frame).toEqualTypeOf<string>();
  expectTypeOf(turn.responses).toEqualTypeOf<readonly Response[]>();
  // @ts-expect-error only of a completed one
  void turn.value;
  if (turn.status === "completed") expectTypeOf(turn.value).toEqualTypeOf<number>();
  else if (turn.status === "failed" || turn.status === "cancelled" || turn.status === "killed") expectTypeOf(turn.error).toEqualTypeOf<ErrorInfo>();
  else expectTypeOf(turn.status).toEqualTypeOf<"running" | "waiting" | "compensating">();
  // @ts-expect-error a run in a store has them, a frame has not
  void turn.id;
}

function narrowRun(run: Run<number>): void {
  expectTypeOf(run.id).toEqualTypeOf<string>();
  expectTypeOf(run.result()).toEqualTypeOf<Promise<number>>();
  switch (run.status) {
    case "completed": return expectTypeOf(run.value).toEqualTypeOf<number>(), undefined;
    case "failed":
    case "cancelled":
    case "killed": return expectTypeOf(run.error).toEqualTypeOf<ErrorInfo>(), undefined;
    default:
      expectTypeOf(run.status).toEqualTypeOf<"queued" | "running" | "waiting" | "compensating" | "stranded">();
      // @ts-expect-error nothing yet
      void run.value;
  }
}
void [narrowTurn, narrowRun];

async function throughTheEngine(): Promise<void> {
  const started = await engine.start(approve, [{ amount: 1 }], { id: "x" });
  expectTypeOf(started).toEqualTypeOf<Run<number | "large" | null>>();
  const next = await engine.continue(started, decision, { ok: true }, { eventId: "e" });
  expectTypeOf(next).toEqualTypeOf<Run<number | "large" | null>>();
  expectTypeOf(await engine.get("id")).toEqualTypeOf<Run>();
}
void throughTheEngine;

async function startsOthers(): Promise<void> {
  const handle = await start(approve, [{ amount: 1 }], { id: "x", onCancel: "wait" });
  expectTypeOf(handle).toEqualTypeOf<RunHandle<number | "large" | null>>();
  expectTypeOf<ChildOptions["onCancel"]>().toEqualTypeOf<"cascade" | "abandon" | "wait" | undefined>();
  // @ts-expect-error not one of the three
  await start(approve, [{ amount: 1 }], { onCancel: "kill" });
  // @ts-expect-error of children only
  await engine.start(approve, [{ amount: 1 }], { onCancel: "cascade" });
}
void startsOthers;

// Without a declaration responses are unknown; fixtures/types/register.ts has one.
expectTypeOf<Response>().toEqualTypeOf<unknown>();

// Over HTTP: flows are listed alone, or with a schema that gives their arguments; `authorize` is not to be left out.
const chime = deflow(async function chime() {});
const claims = z.tuple([z.object({ amount: z.number() })]);
expectTypeOf(handler(engine, { flows: { approve }, authorize: () => true })).toEqualTypeOf<(request: Request) => Promise<globalThis.Response>>();
handler(engine, { flows: { approve: { flow: approve, args: claims }, chime: { flow: chime, args: z.tuple([]) }, also: chime }, authorize: async (_, action) => ({ caller: action.type }) });
handler(engine, {
  flows: { approve },
  authorize(request, action) {
    expectTypeOf(request).toEqualTypeOf<Request>();
    expectTypeOf(action).toEqualTypeOf<Action>();
    return action.type === "start" && action.flow === "approve" ? { caller: "ann", start: { id: "a", index: { by: "ann" } } } : action.type === "get" && action.run.length > 0;
  },
});
// @ts-expect-error without it anybody could do anything
handler(engine, { flows: { approve } });
// @ts-expect-error a schema that gives something else
handler(engine, { flows: { approve: { flow: approve, args: z.tuple([z.string()]) } }, authorize: () => true });
// @ts-expect-error a session is no permission
handler(engine, { flows: { approve }, authorize: () => ({ id: "ann" }) });
// @ts-expect-error no flow
handler(engine, { flows: { approve: async () => {} }, authorize: () => true });
