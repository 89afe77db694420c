// An agent: a model that says what to do next, tools that do it, and a person who is asked before much money leaves. The loop is the flow.

import { context, deflow, listen, respond, run, step } from "deflow";
import { z } from "zod";

export interface Message {
  readonly from: "user" | "model" | "tool" | "reviewer";
  readonly text: string;
}

/** What the model wants: a tool, or to be done. */
export type Move = { readonly tool: string; readonly input: number } | { readonly done: string };

export interface Tool {
  call(input: number, key: string, attempt: number): Promise<string>;
  /** Absent: nobody is asked. Else what the reviewer is asked, or undefined for an input that needs no review. */
  review?(input: number): string | undefined;
}

/** What the agent thinks with and acts through; set before a run goes on, so that no run holds it. */
export const world: { model: (transcript: readonly Message[], key: string) => Promise<Move>; tools: Record<string, Tool> } = {
  model: async () => ({ done: "no model" }),
  tools: {},
};

export const review = context("review", z.object({ ok: z.boolean(), note: z.string().default("") }));

const mostTurns = 150;

export const agent = deflow(async function agent(task: string) {
  const transcript: Message[] = [{ from: "user", text: task }];
  for (let turn = 1; turn <= mostTurns; turn++) {
    const move = await step("think", ({ key }) => world.model(transcript, key), { retry: 5, timeout: "2 minutes" });
    if ("done" in move) return { turns: turn - 1, answer: move.done };
    const { tool, input } = move;
    transcript.push({ from: "model", text: `${tool} ${input}` });
    run.progress(`turn ${turn}: ${tool} ${input}`);

    const question = world.tools[tool]?.review?.(input);
    if (question !== undefined) {
      respond(question);
      const { ok, note } = await listen(review, { prompt: question, timeout: "7 days", default: { ok: false, note: "nobody looked" } });
      transcript.push({ from: "reviewer", text: ok ? "yes" : `no: ${note}` });
      if (!ok) continue;
    }

    try {
      const result = await step(tool, ({ key, attempt }) => toolOf(tool).call(input, key, attempt), { retry: 3 });
      transcript.push({ from: "tool", text: result });
    } catch (error) {
      transcript.push({ from: "tool", text: `failed: ${String(error)}` }); // the model may find another way
    }
  }
  return { turns: mostTurns, answer: "not done in time" };
});

function toolOf(name: string): Tool {
  const tool = world.tools[name];
  if (tool === undefined) throw new Error(`there is no tool ${name}`);
  return tool;
}
