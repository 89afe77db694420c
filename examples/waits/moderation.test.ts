import { testEngine } from "deflow/testing";
import { expect, it } from "vitest";
import { processes } from "../processes.ts";
import { inbox, moderate, verdict } from "./moderation.ts";

const posts = [["a", "Hello", "en"], ["b", "Hallo", "de"], ["c", "Buy now", "en"]].map(([id, text, language]) => ({ id, text, language }) as { id: string; text: string; language: string });

it("lists what runs wait for, with the form of the answer", async () => {
  const engine = testEngine({ flows: { moderate } });
  for (const post of posts) await engine.start(moderate, [post], { id: post.id });
  expect(await inbox(engine, "en")).toEqual(["a", "c"].map((id) => ({
    runId: id, prompt: `Keep "${posts.find((post) => post.id === id)?.text}"?`, metadata: { post: id }, until: new Date("2000-01-03T00:00:00Z"),
    answer: {
      $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", required: ["keep"],
      properties: { keep: { type: "boolean" }, reason: { type: "string", maxLength: 200 } },
    },
  })));
  const [question] = await inbox(engine, "en");
  expect(await engine.continue(question?.runId ?? "", verdict, { keep: false, reason: "spam" })).toMatchObject({ value: "removed: spam" });
  expect(await inbox(engine, "en")).toHaveLength(1);
  await engine.close();
});

it("pages by a cursor of runs", async () => {
  const engine = testEngine({ flows: { moderate } });
  for (const post of posts) await engine.start(moderate, [post], { id: post.id });
  const first = await engine.waits({ limit: 2 });
  const rest = await engine.waits({ limit: 2, ...(first.cursor === undefined ? {} : { cursor: first.cursor }) });
  expect([first.waits.map(({ runId }) => runId), rest.waits.map(({ runId }) => runId), rest.cursor]).toEqual([["a", "b"], ["c"], undefined]);
  await engine.close();
});

it("any process sees them", async () => {
  await processes({ flows: { moderate } }, async ({ next }) => {
    await next().start(moderate, [posts[1] as (typeof posts)[0]], { id: "b" });
    expect(await inbox(next(), "de")).toMatchObject([{ runId: "b", prompt: 'Keep "Hallo"?' }]);
  });
});
