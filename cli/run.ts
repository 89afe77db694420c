// The commands, their options and their help; each command's work is in a file of its own, which is loaded when it is called: TypeScript alone takes
// longer to load than a command on a store to run.

import { readFileSync } from "node:fs";
import { Argument, Command, CommanderError, Option } from "commander";
import { passes } from "../compiler/pass.ts";
import { isDeflowError } from "../runtime/errors/error.ts";
import type { CheckOptions } from "./check.ts";
import { completions, completionScript, shells } from "./completion.ts";
import type { InitOptions } from "./init/init.ts";
import { type Io, refused, UsageError } from "./io.ts";
import type { LockOptions } from "./lock.ts";
import { addRunCommands } from "./runs/commands.ts";
import type { TscOptions } from "./tsc.ts";

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

  const example = (line: string): [position: "after", text: string] => ["after", `\nExample:\n  $ ${line}`];
  program.commandsGroup("The compiler:");
  program
    .command("explain")
    .description("show how a file's flows are compiled, or what a code (DF101, NOT_COMPILED) means")
    .argument("<file-or-code>")
    .addOption(new Option("--after <pass>", "print only what this pass made of the file").choices(passes))
    .option("--json", "print { text, diagnostics } or { code, page } as JSON")
    .addHelpText(...example("deflow explain src/flow.ts --after name"))
    .action(async (target: string, options: { after?: string; json?: boolean }) => done((await import("./explain.ts")).explainTarget(target, options, io)));
  program
    .command("compile")
    .description("print the compiled file; errors go to standard error")
    .argument("<file>")
    .option("--json", "print { code, map, diagnostics, points } as JSON")
    .addHelpText(...example("deflow compile src/flow.ts"))
    .action(async (file: string, options: { json?: boolean }) => done((await import("./compile.ts")).compileFile(file, options, io)));
  program
    .command("graph")
    .description("draw the flows of a file as Mermaid flowcharts")
    .argument("<file>")
    .option("--json", "print the graph as JSON")
    .addHelpText(...example("deflow graph src/flow.ts > flow.mmd"))
    .action(async (file: string, options: { json?: boolean }) => done((await import("./graph.ts")).graphFile(file, options, io)));
  program
    .command("tsc")
    .description("check the types with the package's own TypeScript, 7 too, and write the files with the flows compiled")
    .option("-p, --project <tsconfig>", "a tsconfig.json, or the folder of one", ".")
    .option("--no-emit", "write no files")
    .addOption(new Option("--noEmit", "as tsc writes it").hideHelp())
    .addOption(new Option("-w, --watch").hideHelp())
    .addOption(new Option("-b, --build [projects...]").hideHelp())
    .addHelpText(...example("deflow tsc -p ."))
    .action(async ({ emit, noEmit, ...options }: TscOptions & { emit: boolean }) => done(await (await import("./tsc.ts")).compileProject({ ...options, noEmit: !emit || noEmit === true }, io)));
  program.commandsGroup("The program and what is released of it:");
  program
    .command("lock")
    .description("release the program: write deflow.lock.json, with which builds keep the ids of what stored runs refer to")
    .argument("[folder]", "a folder of the package", ".")
    .option("--frozen", "write nothing, and exit with 1 where something would change: for CI")
    .option("--json", "print { flows, written } as JSON")
    .option("--accept <ids...>", "released points and functions whose new types are right for what is stored")
    .option("-p, --project <tsconfig>", "the program; else the package's tsconfig.json")
    .addHelpText(...example("deflow lock --frozen"))
    .action(async (folder: string, options: LockOptions) => done((await import("./lock.ts")).lockProject(folder, options, io)));
  program
    .command("check")
    .description("show whether runs of the released code would go on with the program as it is")
    .argument("[folder]", "a folder of the package", ".")
    .option("--json", "print the lines as JSON")
    .option("--store <url>", "judge the runs of a store, which is only read: postgres://… or the path of a SQLite file")
    .option("--schema <name>", "of Postgres: where the tables are, if not in \"deflow\"")
    .option("-p, --project <tsconfig>", "the program; else the package's tsconfig.json")
    .addHelpText(...example("deflow check --store runs.db"))
    .action(async (folder: string, options: CheckOptions) => done(await (await import("./check.ts")).checkProject(folder, options, io)));
  program
    .command("freeze")
    .description("keep the released source of a flow as a flow of its own, for the runs that only it fits")
    .argument("<flow>")
    .option("--from <file>", "a file that has the flow as it was released; else the file itself, or a version of it in git")
    .option("--folder <folder>", "a folder of the package", ".")
    .option("--json", "print { file, flow } as JSON")
    .addHelpText(...example("deflow freeze approve"))
    .action(async (flow: string, options: { from?: string; folder: string; json?: boolean }) => done((await import("./freeze.ts")).freeze(options.folder, flow, options, io)));
  program
    .command("retire")
    .description("give up a released point or function of a flow, or all of it: its ids are never given again")
    .argument("<flow>")
    .argument("[id]", "a point (listen:decision), or a function (approve#each)")
    .option("--folder <folder>", "a folder of the package", ".")
    .option("--json", "print { retired } as JSON")
    .addHelpText(...example("deflow retire approve listen:decision"))
    .action(async (flow: string, id: string | undefined, options: { folder: string; json?: boolean }) => done((await import("./retire.ts")).retire(options.folder, flow, id, options, io)));

  addRunCommands(program, io, done);
  program.commandsGroup("The package:");
  program
    .command("init")
    .description("set a package up so that its flows are compiled: shows what it would change, and asks; exits with 1 when something is left to do")
    .argument("[folder]", "a folder of the package", ".")
    .option("-y, --yes", "write without asking")
    .option("--json", "print { tools, changes, byHand, install, written } as JSON; writes with --yes alone")
    .addHelpText(...example("deflow init"))
    .action(async (folder: string, options: InitOptions) => done(await (await import("./init/init.ts")).init(folder, options, io)));
  program
    .command("completion")
    .description("print the script that completes deflow's commands and options in a shell")
    .addArgument(new Argument("<shell>").choices(shells))
    .addHelpText("after", "\nExamples:\n  $ deflow completion bash >> ~/.bashrc\n  $ deflow completion zsh > ~/.zfunc/_deflow\n  $ deflow completion fish > ~/.config/fish/completions/deflow.fish")
    .action((shell: (typeof shells)[number]) => io.out(completionScript(shell)));
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .action((words: string[]) => io.out(completions(program, words).map((line) => `${line}\n`).join("")));

  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (isDeflowError(error)) return refused(error, io);
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
