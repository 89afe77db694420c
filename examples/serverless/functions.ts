// The functions of a host that runs code only when it is called: Vercel, Netlify, Cloudflare, Lambda. Each is Request → Response.
//
//   POST /runs …   customers, by deflow/http
//   GET  /cron     the host's timer, every minute: whatever is due goes on

import { createHash, timingSafeEqual } from "node:crypto";
import { type Clock, createEngine, type Engine, type Logger, type Store } from "deflow";
import { handler } from "deflow/http";
import { z } from "zod";
import { trial } from "./trial.ts";

export interface Settings {
  readonly store: Store;
  /** What the host's timer sends: on Vercel the variable CRON_SECRET. */
  readonly secret: string;
  readonly clock?: Clock;
}

export interface Functions {
  readonly engine: Engine;
  readonly runs: (request: Request) => Promise<Response>;
  readonly cron: (request: Request) => Promise<Response>;
}

/** Errors alone: an instance that only takes requests would warn each time that nobody here sees to timers. The host's timer does. */
const logger: Logger = { debug() {}, info() {}, warn() {}, error: (message, fields) => console.error(message, fields) };

/** Made once for each instance that the host starts; what an instance knows may be gone at the next call, what the store knows may not. */
export function functionsOf({ store, secret, clock }: Settings): Functions {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  const isFromHost = (request: Request): boolean => timingSafeEqual(hash(request.headers.get("authorization") ?? ""), hash(`Bearer ${secret}`));
  const engine = createEngine({ store, flows: { trial }, logger, ...(clock && { clock }) });
  return {
    engine,
    runs: handler(engine, {
      flows: { trial: { flow: trial, args: z.tuple([z.string()]) } },
      authorize: isFromHost, // yours: the user's session
    }),
    async cron(request) {
      if (!isFromHost(request)) return new Response(null, { status: 404 });
      // It begins nothing after `within`, which leaves the rest of the function's time for what it has begun.
      const { done, nextAt } = await engine.tick({ limit: 100, within: "25 seconds" });
      return Response.json({ done, nextAt });
    },
  };
}
