// Moderation of posts: an inbox for people, or for a model that answers by tool calls, made of what runs wait for.

import { context, deflow, type Engine, listen, run } from "deflow";
import { z } from "zod";

export const verdict = context("verdict", z.object({ keep: z.boolean(), reason: z.string().max(200).optional() }));

export const moderate = deflow(async function moderate(post: { id: string; text: string; language: string }) {
  run.index({ language: post.language });
  const { keep, reason } = await listen(verdict, { prompt: `Keep "${post.text}"?`, metadata: { post: post.id }, timeout: "2 days", default: { keep: true, reason: "nobody looked" } });
  return keep ? "published" : `removed: ${reason ?? "no reason"}`;
});

/** The open questions of a language, each with the JSON Schema of its answer. */
export async function inbox(engine: Engine, language: string) {
  const { waits } = await engine.waits({ context: verdict, index: { language }, limit: 50 });
  return waits.map(({ runId, prompt, metadata, jsonSchema, at }) => ({ runId, prompt, metadata, answer: jsonSchema, until: at && new Date(at) }));
}
