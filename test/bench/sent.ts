// The statements that a store sends, to be sent once more without it: what is measured so is the same work of the same server, by the same driver.

import { randomUUID } from "node:crypto";
import pg from "pg";

interface Statement {
  readonly text: string;
  readonly name?: string;
  readonly values?: readonly unknown[];
}

type Sends = (this: pg.Client, query: Statement, ...rest: unknown[]) => unknown;

export class Sent {
  readonly #phases: Statement[][] = [[]];
  readonly #stop: () => void;
  #others = new Map<unknown, string>();

  /** Notes what any client of pg sends in this process, until `ofOthers`. */
  constructor() {
    const clients = pg.Client.prototype as unknown as { query: Sends };
    const { query } = clients;
    const phases = this.#phases;
    clients.query = function noted(...given) {
      if (given[0].values !== undefined) phases.at(-1)?.push(given[0]);
      return query.apply(this, given);
    };
    this.#stop = () => void (clients.query = query);
  }

  /** What is sent from now on is to be sent when all before it was answered. */
  next(): void {
    this.#phases.push([]);
  }

  /** The same statements for other runs than those of `ids`. */
  ofOthers(ids: readonly string[]): readonly (readonly Statement[])[] {
    this.#stop();
    this.#others = new Map(ids.map((id) => [id, randomUUID()]));
    const other = (value: unknown): unknown => (Array.isArray(value) ? value.map(other) : this.#others.get(value) ?? value);
    return this.#phases.map((statements) => statements.map((statement) => ({ ...statement, values: (statement.values ?? []).map(other) })));
  }

  /** The runs that `ofOthers` made up. */
  get others(): readonly string[] {
    return [...this.#others.values()];
  }
}
