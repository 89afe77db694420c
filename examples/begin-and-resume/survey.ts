// A survey in a chat, without any store of deflow's: the frame is a text in a table of your own.

import { begin, context, deflow, listen, respond, resume, step } from "deflow";

export const reply = context<string>("reply");
export const crm = { save: async (_answers: readonly string[], _key: string) => {} };

export const survey = deflow(async function survey(questions: string[]) {
  const answers: string[] = [];
  for (const question of questions) {
    respond(question);
    const answer = await listen(reply, { timeout: "1 hour", default: "no answer" });
    answers.push(answer);
  }
  await step("save", ({ key }) => crm.save(answers, key));
  respond("Thank you!");
});

/** Visitor to frame: your table, your file. */
export const frames = new Map<string, string>();

export async function hear(visitor: string, text: string): Promise<readonly unknown[]> {
  const frame = frames.get(visitor);
  const checkpoint = (saved: string) => void frames.set(visitor, saved);
  const turn = frame === undefined
    ? await begin(survey, [["How was it?", "Would you come again?"]], { id: visitor, checkpoint })
    : await resume(frame, reply, text, { checkpoint });
  return turn.responses;
}

/** For each frame, when its `nextAt` has come; and at the start of the program, for steps that a crash cut off. */
export async function wake(visitor: string, now: Date) {
  const turn = await resume(frames.get(visitor) ?? "", { now }, { checkpoint: (saved) => void frames.set(visitor, saved) });
  return { status: turn.status, nextAt: turn.nextAt };
}
