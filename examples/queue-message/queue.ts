// A queue as the clouds have them: messages are delivered at least once, some of them late, and come again when nobody says that they are done.

export interface Message {
  readonly id: string;
  readonly body: string;
}

export class Queue {
  readonly #waiting: { readonly at: number; readonly message: Message }[] = [];
  #time = 0;

  get time(): number {
    return this.#time;
  }

  /** `after`: seconds until it is delivered. */
  send(message: Message, after = 0): void {
    this.#waiting.push({ at: this.#time + after, message });
    this.#waiting.sort((a, b) => a.at - b.at);
  }

  /** Delivers until there is nothing more. A consumer that throws is given the message again, 30 seconds later. */
  async deliver(consume: (message: Message) => Promise<void>): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.#time = Math.max(this.#time, next.at);
      await consume(next.message).catch(() => this.send(next.message, 30));
    }
  }
}
