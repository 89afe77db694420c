// Who watches runs of one engine. The engine tells of its commits only while somebody does.

import type { Engine } from "../engine/engine.ts";

export class Watchers {
  readonly #engine: Engine;
  readonly #watching = new Map<string, Set<() => void>>();
  #stop = (): void => {};

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Calls `told` after each commit of the run, until the result is called. Nobody may be there twice. */
  join(id: string, told: () => void): () => void {
    if (this.#watching.size === 0) this.#stop = this.#engine.on("commit", ({ runId }) => this.#tell(runId));
    const watching = this.#watching.get(id) ?? new Set();
    this.#watching.set(id, watching.add(told));
    return () => {
      watching.delete(told);
      if (watching.size === 0) this.#watching.delete(id);
      if (this.#watching.size === 0) this.#stop();
    };
  }

  #tell(id: string): void {
    for (const told of this.#watching.get(id) ?? []) told();
  }
}
