#!/usr/bin/env node
// The program `deflow`. Exit codes: 0 done, 1 the flows have errors, 2 the command itself cannot be done as written.

import { colours } from "../compiler/report.ts";
import { run } from "./run.ts";

const { stderr } = process;

void run(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void stderr.write(text),
  colour: colours(stderr),
  ...(stderr.isTTY ? { screen: stderr } : {}),
}).then((code) => {
  process.exitCode = code;
});
