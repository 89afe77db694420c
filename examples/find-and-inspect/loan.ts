// Loans, and the desk that looks after them: which are open, and where does this one stand?

import { context, deflow, type Engine, listen, run, step } from "deflow";

export const papers = context<string>("papers");
export const bureau = { score: async (_name: string) => 97 };

export const loan = deflow(async function loan(applicant: { name: string; iban: string }, amount: number) {
  run.index({ applicant: applicant.name, large: amount > 10_000 });
  const score = await step("score", () => bureau.score(applicant.name));
  const received: string[] = [];
  while (received.length < 2) {
    const paper = await listen(papers);
    received.push(paper);
  }
  return { score, received, to: applicant.iban };
});

/** All that are not over; a loan that this build does not fit is `stranded`, and none of the others. */
const open = ["queued", "running", "waiting", "compensating", "stranded"] as const;

/** Large loans that are open, oldest first. */
export async function openLoans(engine: Engine): Promise<string[]> {
  const { runs } = await engine.find({ flow: loan, status: open, index: { large: true }, limit: 100 });
  return runs.map(({ id, index }) => `${id}: ${index["applicant"]}`);
}

/** Where a loan stands, for eyes that must not see account numbers. */
export async function look(engine: Engine, id: string) {
  const { strands } = await engine.inspect(id, { redact: (name, value) => (name === "iban" ? "…" : value) });
  return strands.map(({ waitsFor, line, locals }) => ({ waitsFor, line, locals }));
}
