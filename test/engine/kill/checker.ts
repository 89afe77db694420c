// What must hold of a kill loop, from its ledger and from what the store holds at the end.
//
//   lost        an event that was stored and that no run took
//   twice       an event in a run's value more than once, or out of its order
//   stuck       a run that has not ended when the leases are over and five seconds more
//   repeated    a step begun again though the process that began it was neither killed nor stopped, nor its store away; more
//               than one for each time that it was (each works on one run, one step, at a time); the same fence twice
//   arguments   a step begun again with other arguments

export interface Begun {
  readonly pid: number;
  readonly begun: string;
  readonly word: string;
  readonly fence: number;
}

export interface Ended {
  readonly id: string;
  readonly status: string;
  readonly value: readonly string[];
}

export interface Loop {
  /** By run: the words that were sent, in order. */
  readonly sent: ReadonlyMap<string, readonly string[]>;
  readonly ledger: readonly Begun[];
  readonly ended: readonly Ended[];
  /** Processes that were killed or stopped, or whose store was away, and how often. */
  readonly disturbed: ReadonlyMap<number, number>;
}

export interface Verdict {
  readonly wrong: readonly string[];
  /** Steps that were begun more than once. */
  readonly repeated: number;
}

export function check({ sent, ledger, ended, disturbed }: Loop): Verdict {
  const wrong: string[] = [];
  for (const [id, words] of sent) {
    const run = ended.find((one) => one.id === id);
    if (run?.status !== "completed") wrong.push(`stuck: ${id} is ${run?.status ?? "gone"}`);
    else wrong.push(...ofRun(id, words, run.value));
  }
  const begun = new Map<string, Begun[]>();
  for (const one of ledger) begun.set(one.begun, [...(begun.get(one.begun) ?? []), one]);
  const blamed = new Map<number, number>();
  let repeated = 0;
  for (const [key, times] of begun) {
    for (const [at, one] of times.entries()) {
      const before = times[at - 1];
      if (!before) continue;
      repeated++;
      if (one.word !== before.word) wrong.push(`arguments: ${key} was ${before.word}, and is ${one.word}`);
      if (one.fence === before.fence) wrong.push(`repeated: ${key} began twice with fence ${one.fence}`);
      if (!disturbed.has(before.pid)) wrong.push(`repeated: ${key} of ${before.pid}, which lives`);
      blamed.set(before.pid, (blamed.get(before.pid) ?? 0) + 1);
    }
  }
  for (const [pid, times] of blamed) if (times > Math.max(1, disturbed.get(pid) ?? 0)) wrong.push(`repeated: ${times} steps of ${pid}, which had one under way`);
  for (const [id, words] of sent) {
    const keys = [...begun].filter(([key]) => key.startsWith(`${id}:`));
    if (keys.length > words.length) wrong.push(`twice: ${id} has ${keys.length} steps for ${words.length} words`);
  }
  return { wrong, repeated };
}

function ofRun(id: string, words: readonly string[], value: readonly string[]): string[] {
  const wrong = words.filter((word) => !value.includes(word)).map((word) => `lost: ${word} of ${id}`);
  const isOrdered = value.every((word, at) => at === 0 || words.indexOf(word) > words.indexOf(value[at - 1] as string));
  if (!isOrdered || value.some((word) => !words.includes(word))) wrong.push(`twice: ${id} took ${value.join()} for ${words.join()}`);
  return wrong;
}
