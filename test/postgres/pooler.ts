// A pooler as PgBouncer is in transaction mode: many clients share a few connections of the server, and each transaction takes another. Names of prepared
// statements and settings of a session stay with the connection, whoever has it next; options of a client's first message are refused.
//
//   client ──► its first message: welcomed by the pooler itself
//          ──► a message: the connection that was given back longest ago is its own …
//          ◄── … until the server is ready, outside of a transaction, and nothing is unanswered

import { createServer, type Socket } from "node:net";
import pg from "pg";

export interface Pooler {
  /** Of the same database, through the pooler. */
  readonly url: string;
  close(): Promise<void>;
}

/** What a client is told first: it need not say who it is. */
const welcome = Buffer.concat([
  message("R", Buffer.from([0, 0, 0, 0])), ...[["server_version", "16.0"], ["client_encoding", "UTF8"], ["standard_conforming_strings", "on"]]
    .map((pair) => message("S", Buffer.from(`${pair.join("\0")}\0`))), message("Z", Buffer.from("I")),
]);
const rollback = message("Q", Buffer.from("rollback\0"));
const refusal = message("E", Buffer.from("SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"));

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Calls `each` with every whole message. */
function messages(socket: Socket, each: (type: string, whole: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const whole = rest.subarray(0, rest.readInt32BE(1) + 1);
      rest = rest.subarray(whole.length);
      each(String.fromCharCode(whole[0] as number), whole);
    }
  });
}

/** A connection of the server's, past its greeting. */
class Backend {
  readonly socket: Socket;
  client: Client | undefined;
  readonly #end: () => Promise<void>;

  private constructor(connected: pg.Client, freed: (backend: Backend) => void) {
    this.socket = (connected as unknown as { connection: { stream: Socket } }).connection.stream;
    this.socket.removeAllListeners("data");
    this.socket.setNoDelay(true);
    this.#end = () => connected.end();
    messages(this.socket, (type, whole) => {
      if (this.client?.socket.writable) this.client.socket.write(whole);
      if (type !== "Z" || this.client === undefined) return;
      this.client.unanswered--;
      if (this.client.unanswered > 0 || whole[5] !== "I".charCodeAt(0)) return;
      this.client.backend = this.client = undefined;
      freed(this);
    });
  }

  static async to(url: string, freed: (backend: Backend) => void): Promise<Backend> {
    const client = new pg.Client(url);
    client.on("error", () => {});
    await client.connect();
    return new Backend(client, freed);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.#end().catch(() => {});
  }
}

class Client {
  readonly socket: Socket;
  backend: Backend | undefined;
  /** Messages that the server answers by being ready. */
  unanswered = 0;
  /** Not sent yet, for lack of a connection. */
  readonly waiting: Buffer[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
  }

  send(type: string, whole: Buffer): void {
    if (type === "S" || type === "Q") this.unanswered++;
    if (this.backend === undefined) this.waiting.push(whole);
    else this.backend.socket.write(whole);
  }
}

export async function startPooler(url: string, connections = 3): Promise<Pooler> {
  const clients = new Set<Client>();
  const free: Backend[] = [];
  const serve = (): void => {
    for (const client of clients) {
      if (client.waiting.length === 0 || client.backend !== undefined) continue;
      const backend = free.shift();
      if (backend === undefined) return;
      client.backend = backend;
      backend.client = client;
      for (const whole of client.waiting.splice(0)) backend.socket.write(whole);
    }
  };
  const freed = (backend: Backend): void => {
    free.push(backend);
    serve();
  };
  const backends = await Promise.all(Array.from({ length: connections }, () => Backend.to(url, freed)));
  free.push(...backends);
  const server = createServer((socket) => {
    // Else each small message waits for the answer to the one before.
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.once("data", (first) => {
      if (first.includes("\0options\0")) return void socket.end(refusal);
      const client = new Client(socket);
      clients.add(client);
      socket.on("close", () => {
        clients.delete(client);
        // What it has begun is not left to the next one.
        if (client.backend !== undefined) client.send("Q", rollback);
      });
      messages(socket, (type, whole) => {
        if (type === "X") return void socket.end();
        client.send(type, whole);
        serve();
      });
      socket.write(welcome);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = new URL(url);
  address.port = String((server.address() as { port: number }).port);
  return {
    url: address.href,
    async close() {
      for (const { socket } of clients) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all(backends.map((backend) => backend.close()));
    },
  };
}
