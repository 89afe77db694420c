// What the store took, in its order: each applied change, and each message by its number. The judge reads nothing else.

import type { Change, Committed, Message, Store } from "../../../runtime/store.ts";
import { isCall } from "../../stores/calls.ts";

export interface Applied {
  readonly change: Change;
  readonly version: number;
  /** Of the messages it consumed, in the order in which the change names them. */
  readonly consumed: readonly Message[];
}

export class History {
  /** By run. */
  readonly applied = new Map<string, Applied[]>();
  readonly #messages = new Map<string, Map<number, Message>>();
  told: (id: string, applied: Applied) => void = () => {};

  of(id: string): readonly Applied[] {
    return this.applied.get(id) ?? [];
  }

  /** The store, written down. Its operations must do their work before they first wait, as those of the memory store do. */
  over(store: Store): Store {
    const own: Partial<Store> = {
      commit: async (changes) => {
        const results = await store.commit(changes);
        for (const [at, result] of results.entries()) this.#commit(changes[at] as Change, result);
        return results;
      },
      deliver: async (deliveries) => {
        const results = await store.deliver(deliveries);
        for (const [at, { to, kind, eventId, body, now }] of deliveries.entries()) {
          const result = results[at];
          if (result?.result === "delivered") this.#of(to).set(result.seq, { seq: result.seq, kind, eventId: eventId ?? null, body, at: now });
        }
        return results;
      },
    };
    return new Proxy(store, {
      get: (target, name: keyof Store) => own[name] ?? (isCall(name) ? target[name].bind(target) : target[name]),
    });
  }

  #of(id: string): Map<number, Message> {
    let messages = this.#messages.get(id);
    if (!messages) this.#messages.set(id, (messages = new Map()));
    return messages;
  }

  #commit(change: Change, result: Committed): void {
    if (!result.applied) return;
    const consumed = (change.consumed ?? []).flatMap((seq) => this.#of(change.id).get(seq) ?? []);
    const list = this.applied.get(change.id) ?? [];
    const applied = { change, version: result.version, consumed };
    this.applied.set(change.id, list);
    list.push(applied);
    this.told(change.id, applied);
  }
}
