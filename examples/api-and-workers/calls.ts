// What the API asks of the engine. Each call stores something in a transaction of the API's own, and a worker does the rest.

import type { Engine, Run } from "deflow";
import type pg from "pg";
import { order, shipped, withdraw } from "./order.ts";

export class Desk {
  readonly #engine: Engine;
  readonly #pool: pg.Pool;

  constructor(engine: Engine, pool: pg.Pool) {
    this.#engine = engine;
    this.#pool = pool;
  }

  /** Nothing of the flow runs here: the run is `queued`, and a worker begins it. */
  async place(id: string, total: number): Promise<Run> {
    return await this.#together(async (client) => {
      await client.query("insert into orders (id, total) values ($1, $2)", [id, total]);
      return await this.#engine.start(order, [id, total], { id, queue: "orders", client });
    });
  }

  /** Nothing of the flow runs here: the event is stored. */
  async ship(id: string, tracking: string): Promise<void> {
    await this.#together((client) => this.#engine.send(id, shipped, { tracking }, { eventId: tracking, client }));
  }

  /** The flow's own code runs here up to its next step, and that step and what follows in a worker. A token that is wrong is refused here. */
  async approve(token: string, ok: boolean): Promise<void> {
    await this.#together((client) => this.#engine.settle(token, ok, { client }));
  }

  /** `engine.cancel` has no `client`: a run of its own cancels, in a worker. */
  async withdraw(id: string, reason: string): Promise<void> {
    await this.look(id); // throws NOT_FOUND here, where somebody hears it
    await this.#engine.start(withdraw, [id, reason], { id: `withdraw ${id}`, queue: "orders" });
  }

  async look(id: string): Promise<Run> {
    return await this.#engine.get(id);
  }

  async #together<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      await client.query("begin");
      const result = await work(client);
      await client.query("commit");
      return result;
    } catch (error) {
      await client.query("rollback");
      throw error;
    } finally {
      client.release();
    }
  }
}
