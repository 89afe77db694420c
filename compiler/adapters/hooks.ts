// The asynchronous hook that register.ts installs on Node 20.

import { rewrite, type Loaded } from "./load.ts";

type Next = (url: string, context: unknown) => Promise<Loaded>;

export async function load(url: string, context: unknown, next: Next): Promise<Loaded> {
  return rewrite(url, await next(url, context));
}
