// Flows behind a handler, and a client that speaks to it.

import { callback, context, deflow, listen, respond, run, step } from "deflow";
import { type Action, handler, type HandlerOptions } from "deflow/http";
import { testEngine, type TestEngine } from "deflow/testing";
import { z } from "zod";

const decision = context("http decision", z.object({ ok: z.boolean(), note: z.string().max(100).optional() }));
const paid = context("http paid", z.object({ reference: z.string() }));

const expense = z.object({ id: z.string(), amount: z.number() });

export const approve = deflow(async function httpApprove(claim: { id: string; amount: number }) {
  run.progress("asked");
  respond(`Approve ${claim.amount}?`);
  const answer = await listen(decision, { permit: claim.amount > 1000 ? "boss" : "", timeout: "2 days", default: null });
  run.progress("answered");
  respond({ heard: answer }, "thanks");
  await step("pay", () => "paid");
  return { claim: claim.id, ok: answer?.ok ?? false };
});

export const chat = deflow(async function httpChat() {
  for (;;) {
    const answer = await listen(decision, { prompt: "go on?", metadata: { form: "chat" }, label: "chat" });
    respond(answer.note ?? "", ({} as Record<string, unknown>)["polluted"] ?? "clean");
    if (!answer.ok) return answer.note;
  }
});

export const tokens: string[] = [];

const checkout = deflow(async function httpCheckout() {
  const answer = callback({ schema: paid });
  tokens.push(answer.token);
  return (await answer).reference;
});

export const loose = deflow(async function httpLoose() {
  const answer = callback();
  tokens.push(answer.token);
  return await Promise.race([answer, listen("http plain")]);
});

export const secret = deflow(async function httpSecret() {
  const answer = callback({ schema: paid });
  tokens.push(answer.token);
  return await Promise.race([answer, listen(decision)]);
});

const failing = deflow(async function httpFailing(text: string) {
  await listen(decision);
  throw Object.assign(new TypeError(text, { cause: new Error("the cause") }), { code: "E_TEXT" });
});

const odd = deflow(async function httpOdd(kind: string) {
  const ring: Record<string, unknown> = {};
  ring["ring"] = ring;
  await listen(decision);
  return kind === "bigint" ? { large: 12345678901234567890n } : ring;
});

const flows = { approve, chat, checkout, loose, secret, failing, odd };

export interface Desk {
  readonly engine: TestEngine;
  /** What `authorize` was asked. */
  readonly asked: Action[];
  readonly failures: unknown[];
  readonly handle: (request: Request) => Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

type Flows = Parameters<typeof listed>[0];
const listed = (entries: HandlerOptions["flows"]): HandlerOptions["flows"] => entries;

export function desk(options: Partial<Omit<HandlerOptions, "flows">> & { flows?: Flows } = {}): Desk {
  const engine = testEngine({ flows });
  const asked: Action[] = [];
  const failures: unknown[] = [];
  const handle = handler(engine, {
    flows: {
      approve: { flow: approve, args: z.tuple([expense]) }, chat, checkout, loose,
      failing: { flow: failing, args: z.tuple([z.string()]) }, odd: { flow: odd, args: z.tuple([z.string()]) },
    },
    clock: engine.clock, onError: (error) => void failures.push(error), ...options as object,
    authorize: async (request, action) => {
      asked.push(action);
      return await (options.authorize ?? (() => true))(request, action);
    },
  });
  const answered = async (request: Request): Promise<Answer> => {
    const response = await handle(request);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text === "" ? {} : JSON.parse(text) as Record<string, unknown> };
  };
  return {
    engine, asked, failures, handle,
    post: (path, body, headers = {}) => answered(new Request(`http://h${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) })),
    get: (path) => answered(new Request(`http://h${path}`)),
  };
}

