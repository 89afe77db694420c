// A network between a store and its server that breaks where a test says so.
//
//   cut("request")   the next statement does not reach the server
//   cut("answer")    it does, and is carried out; its answer is lost
//   cut("ready")     with the word that it is ready, the server says that it ends the connection

import { connect, createServer, type Server, type Socket } from "node:net";

export type Cut = "request" | "answer" | "ready";

/** What a client sends to have a statement carried out: Sync, or a Query. */
const statement = /^[PBQ]/u;
const ready = "Z\0\0\0\u0005I";

/** As of pg_terminate_backend. */
function ending(): Buffer {
  const fields = Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0");
  const head = Buffer.from("E\0\0\0\0");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

export class Proxy {
  readonly #target: URL;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #server: Server | undefined;
  #cut: Cut | undefined;
  /** Statements that pass before the cut. */
  #pass = 0;

  constructor(target: string) {
    this.#target = new URL(target);
  }

  /** The address to use instead. */
  async open(): Promise<string> {
    const server = createServer((near) => this.#join(near));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = new URL(this.#target);
    url.port = String((server.address() as { port: number }).port);
    return url.href;
  }

  cut(what: Cut, pass = 0): void {
    this.#cut = what;
    this.#pass = pass;
  }

  /** Nothing was cut yet. */
  get waits(): boolean {
    return this.#cut !== undefined;
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) this.#break(pair);
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  #join(near: Socket): void {
    const far = connect(Number(this.#target.port), this.#target.hostname);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    let loses = false;
    near.on("data", (data) => {
      if (this.#cut !== undefined && this.#cut !== "ready" && statement.test(data.toString("latin1")) && this.#pass-- <= 0) {
        const cut = this.#cut;
        this.#cut = undefined;
        if (cut === "request") return this.#break(pair);
        loses = true;
      }
      far.write(data);
    });
    // An answer ends when the server is ready for the next statement, and by then it is carried out.
    far.on("data", (data) => {
      const isReady = data.toString("latin1").endsWith(ready);
      if (isReady && this.#cut === "ready") {
        this.#cut = undefined;
        near.end(Buffer.concat([data, ending()]));
      } else if (!loses) near.write(data);
      else if (isReady) this.#break(pair);
    });
    for (const socket of pair) socket.on("error", () => {}).on("close", () => this.#break(pair));
  }

  #break(pair: readonly [Socket, Socket]): void {
    this.#pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  }
}
