#!/usr/bin/env node
// The program `deflow`. Exit codes: 0 done, 1 the flows or the runs say no, 2 the command itself cannot be done as written.

import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { colours } from "../compiler/report.ts";
import { run } from "./run.ts";

const { stdin, stdout, stderr } = process;

// What follows a run ends by itself at the first Ctrl-C; the second ends the process, whatever it does.
const stop = new AbortController();
if (process.argv[2] === "tail") process.once("SIGINT", () => stop.abort());

// Who reads may have read enough: `deflow ls | head`.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

void run(process.argv.slice(2), {
  out: (written) => void stdout.write(written),
  err: (written) => void stderr.write(written),
  colour: colours(stderr),
  paints: colours(stdout),
  input: () => text(stdin),
  ...(stderr.isTTY ? { screen: stderr } : {}),
  ...(stderr.isTTY && stdin.isTTY ? { ask } : {}),
  signal: stop.signal,
}).then((code) => {
  // A program that was loaded may have what keeps a process alive.
  stdout.write("", () => stderr.write("", () => process.exit(code)));
});

async function ask(question: string): Promise<string> {
  const asking = createInterface({ input: stdin, output: stderr });
  try {
    return await asking.question(question);
  } finally {
    asking.close();
  }
}
