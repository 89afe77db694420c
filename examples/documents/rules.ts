// A reader that goes by words, in place of a model; and an office that says what it does.

import type { Guess, Kind, Office, Reader } from "./pipeline.ts";

const words: readonly (readonly [Kind, RegExp])[] = [
  ["invoice", /invoice|due|pay/gi],
  ["contract", /agree|clause|party/gi],
  ["complaint", /disappoint|broken|lawyer/gi],
];

export const reader: Reader = {
  async classify(text): Promise<Guess> {
    const counts = words.map(([kind, word]) => ({ kind, count: text.match(word)?.length ?? 0 })).sort((a, b) => b.count - a.count);
    const all = counts.reduce((sum, { count }) => sum + count, 0);
    const [best] = counts;
    return best === undefined || best.count === 0 ? { kind: "other", sure: 1 } : { kind: best.kind, sure: best.count / all };
  },
  async amount(text) {
    const found = /(\d+) EUR/.exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  },
  clauses: async (text) => text.split(/(?=Clause \d)/).slice(1).map((clause) => clause.trim()),
  risk: async (clause) => (/unlimited|perpetual/i.test(clause) ? "high" : "low"),
};

export const office = (say: (text: string) => void): Office => ({
  pay: async (name, amount) => say(`pay ${amount} EUR for ${name}`),
  answer: async (name, urgent) => say(`answer ${name}${urgent ? " today" : ""}`),
  archive: async (name) => say(`archive ${name}`),
});
