// The flow of the kill loop: words that come as events, each with a step of its own. Its value is every word it took, in its
// order, so that an event lost, doubled or out of order shows.

import { listen } from "../../../runtime/api/listen.ts";
import { step } from "../../../runtime/api/step.ts";
import * as $ from "../../../runtime/internal.ts";
import { flow } from "../flows.ts";

type Info = { readonly key: string; readonly fence: number };

/** Set before a step runs. */
export const job: { act: (info: Info, word: string) => Promise<string> } = { act: async (_info, word) => word };

const act = $.code("order#act", "word", (env) => ((info: Info) => job.act(info, (env as { word: string }).word)) as never);

/** async (words) => { const seen = []; while (seen.length < words) { const word = await listen("word"); seen.push(await step("act", …)); } return seen; } */
export const order = flow<[words: number], string[]>("order", {
  "": (args) => ({ at: "listen:word", on: listen("word"), locals: { words: (args as [number])[0], seen: [] } }),
  "listen:word": (word, locals) => ({ at: "step:act", on: step("act", act({ word }) as () => string), locals }),
  "step:act": (word, { words, seen }) => {
    const all = [...(seen as string[]), word as string];
    return all.length === words ? { result: all } : { at: "listen:word", on: listen("word"), locals: { words, seen: all } };
  },
}, { "listen:word": "seen words", "step:act": "seen words" });
