// What becomes of a document that comes in: it is classified, and each kind goes its own way. A way is a flow of its own, called like a function.

import { context, deflow, listen, run, step } from "deflow";
import { z } from "zod";

export type Kind = "invoice" | "contract" | "complaint" | "other";

export interface Document {
  readonly name: string;
  readonly text: string;
}

export interface Guess {
  readonly kind: Kind;
  /** From 0 to 1. */
  readonly sure: number;
}

/** What reads: a model, or rules. */
export interface Reader {
  classify(text: string): Promise<Guess>;
  /** In EUR; undefined if there is none in the text. */
  amount(text: string): Promise<number | undefined>;
  clauses(text: string): Promise<string[]>;
  risk(clause: string): Promise<"low" | "high">;
}

/** What is done. */
export interface Office {
  pay(document: string, amount: number, key: string): Promise<void>;
  answer(document: string, urgent: boolean, key: string): Promise<void>;
  archive(document: string, key: string): Promise<void>;
}

export const world = {} as { reader: Reader; office: Office };

export const sorting = context("sorting", z.object({ kind: z.enum(["invoice", "contract", "complaint", "other"]) }));
export const missing = context("missing amount", z.object({ amount: z.number().positive() }));
export const opinion = context("opinion", z.object({ sign: z.boolean() }));

export const invoice = deflow(async function invoice({ name, text }: Document) {
  let amount = await step("amount", () => world.reader.amount(text), { retry: 3 });
  if (amount === undefined) {
    const answer = await listen(missing, { prompt: `What is the amount of ${name}?`, timeout: "5 days", default: null });
    if (answer === null) return "sent back: no amount";
    amount = answer.amount;
  }
  const paid = amount;
  await step("pay", ({ key }) => world.office.pay(name, paid, key), { retry: 5 });
  return `paid ${paid} EUR`;
});

export const contract = deflow(async function contract({ name, text }: Document) {
  const clauses = await step("clauses", () => world.reader.clauses(text), { retry: 3 });
  const risks = await Promise.all(clauses.map(async (clause) => {
    const risk = await step("risk", () => world.reader.risk(clause), { retry: 3 });
    return { clause, risk };
  }));
  const high = risks.filter(({ risk }) => risk === "high").map(({ clause }) => clause);
  if (high.length === 0) return `signed, ${clauses.length} clauses`;
  const { sign } = await listen(opinion, { prompt: `Sign ${name}? ${high.join("; ")}` });
  return sign ? `signed in spite of ${high.length} of ${clauses.length} clauses` : "not signed";
});

export const complaint = deflow(async function complaint({ name, text }: Document) {
  const urgent = /lawyer|immediately/i.test(text);
  await step("answer", ({ key }) => world.office.answer(name, urgent, key), { retry: 5 });
  return urgent ? "answered by a person" : "answered";
});

export const receive = deflow({ timeout: "30 days" }, async function receive(document: Document) {
  run.index({ document: document.name });
  try {
    const kind = await kindOf(document);
    run.progress(kind);
    switch (kind) {
      case "invoice": return { kind, outcome: await invoice(document) };
      case "contract": return { kind, outcome: await contract(document) };
      case "complaint": return { kind, outcome: await complaint(document) };
      case "other": return { kind, outcome: "nothing to do" };
    }
  } finally {
    await step("archive", ({ key }) => world.office.archive(document.name, key), { retry: 10 });
  }
});

/** What the reader is not sure of, a person says; whoever says nothing for two days leaves it at the guess. */
const kindOf = deflow(async function kindOf({ name, text }: Document): Promise<Kind> {
  const guess = await step("classify", () => world.reader.classify(text), { retry: 3 });
  if (guess.sure >= 0.8) return guess.kind;
  const answer = await listen(sorting, { prompt: `What is ${name}? Perhaps: ${guess.kind}`, timeout: "2 days", default: { kind: guess.kind } });
  return answer.kind;
});
