// The Node loader: node --import deflow/register app.js. Before other loaders (tsx), because it wants the author's text.
//
// Node 22.15 and later have synchronous hooks, which CommonJS passes through too. Node 20 runs asynchronous hooks in a
// thread of their own, and a `require`d file does not pass through them: there `deflow()` throws `NotCompiled`.

import module from "node:module";
import { rewrite, type Loaded } from "./load.ts";

type Next = (url: string, context: unknown) => Loaded;

const { registerHooks } = module as unknown as {
  registerHooks?: (hooks: { load(url: string, context: unknown, next: Next): Loaded }) => void;
};

if (registerHooks) registerHooks({ load: (url, context, next) => rewrite(url, next(url, context)) });
else module.register("./hooks.js", import.meta.url);

// The text that runs is on no disk, so a stack without the map would name lines that nobody can look up.
process.setSourceMapsEnabled(true);
