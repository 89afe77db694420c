// The web application. deflow/http answers below /runs; the rest is Hono's.

import type { Engine } from "deflow";
import { type Action, type Grant, handler } from "deflow/http";
import { Hono } from "hono";
import { z } from "zod";
import { approve, Expense } from "./approve.ts";

interface User {
  readonly name: string;
  readonly manager: boolean;
}

/** By what they send as `authorization`. Yours come from sessions, or from a token that somebody signed. */
const users = new Map<string, User>([
  ["Bearer ann-7f3a", { name: "ann", manager: false }],
  ["Bearer bob-91cc", { name: "bob", manager: false }],
  ["Bearer max-e04d", { name: "max", manager: true }],
]);

export function appOf(engine: Engine): Hono {
  const runs = handler(engine, {
    flows: { approve: { flow: approve, args: z.tuple([Expense]) } },
    authorize: async (request, action) => {
      const user = users.get(request.headers.get("authorization") ?? "");
      return user !== undefined && await mayDo(engine, user, action);
    },
  });
  return new Hono()
    .get("/", (c) => c.text("Expenses"))
    .all("/runs", (c) => runs(c.req.raw))
    .all("/runs/*", (c) => runs(c.req.raw));
}

/** Everybody may claim, and see and withdraw what they claimed; managers decide, but not on their own claims. */
async function mayDo(engine: Engine, user: User, action: Action): Promise<boolean | Grant> {
  if (action.type === "start") return { caller: user.name, start: { index: { owner: user.name } } };
  if (action.type === "settle") return false;
  const own = (await engine.get(action.run)).index["owner"] === user.name;
  switch (action.type) {
    case "get":
    case "events": return own || user.manager;
    case "continue": return user.manager && !own ? { caller: user.name } : false;
    case "cancel": return own;
    case "send": return false;
  }
}
