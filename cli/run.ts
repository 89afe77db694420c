// The commands, their options and their help; each command's work is in a file of its own.

import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { passes } from "../compiler/index.ts";
import { compileFile } from "./compile.ts";
import { explainTarget } from "./explain.ts";
import { graphFile } from "./graph.ts";
import { UsageError, type Io } from "./io.ts";

/** Runs one command line (without `node` and the program's name) and gives the exit code. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code = 0;
  const done = (result: number): void => {
    code = result;
  };
  const program = new Command("deflow")
    .description("Compiles async flows that stop at an await and go on later, and explains what it made of them.")
    .version(version(), "-v, --version")
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: (text, write) => write(text) })
    .showHelpAfterError("(deflow --help shows the commands)");

  program
    .command("explain")
    .description("show how a file's flows are compiled, or what a code (DF101, NOT_COMPILED) means")
    .argument("<file-or-code>")
    .addOption(new Option("--after <pass>", "print only what this pass made of the file").choices(passes))
    .action((target: string, options: { after?: string }) => done(explainTarget(target, options, io)));
  program
    .command("compile")
    .description("print the compiled file; errors go to standard error")
    .argument("<file>")
    .option("--json", "print { code, map, diagnostics, points } as JSON")
    .action((file: string, options: { json?: boolean }) => done(compileFile(file, options, io)));
  program
    .command("graph")
    .description("draw the flows of a file as Mermaid flowcharts")
    .argument("<file>")
    .option("--json", "print the graph as JSON")
    .action((file: string, options: { json?: boolean }) => done(graphFile(file, options, io)));

  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UsageError)) throw error;
    io.err(`deflow: ${error.message}\n`);
    return 2;
  }
  return code;
}

/** cli/ and dist/ are both one folder below package.json. */
function version(): string {
  return (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
