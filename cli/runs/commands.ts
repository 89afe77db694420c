// The commands that work on the runs of a store, with their options and help.

import { type Command, Option } from "commander";
import type { FoundStatus } from "../../runtime/engine/calls/find.ts";
import { endedStatuses } from "../../runtime/store.ts";
import type { Io } from "../io.ts";
import type { EndOptions } from "./end.ts";
import type { RunOptions } from "./engine.ts";
import type { ForkOptions } from "./fork.ts";
import type { InputOptions } from "./input.ts";
import type { ListOptions } from "./ls.ts";
import type { ShowOptions } from "./show.ts";

const statuses: readonly FoundStatus[] = ["queued", "running", "waiting", "compensating", ...endedStatuses, "stranded"];

export function addRunCommands(program: Command, io: Io, done: (code: number) => void): void {
  program.commandsGroup("The runs of a store:");
  const add = (name: string, description: string, example: string): Command => program.command(name).description(description)
    .option("--store <url>", "postgres://… or the path of a SQLite file; else DEFLOW_STORE says it")
    .option("--schema <name>", "of Postgres: where the tables are, if not in \"deflow\"")
    .option("--json", "print JSON")
    .addHelpText("after", `\nExample:\n  $ ${example}`);
  const code = (command: Command, what: string): Command => command.option("--program <file>", `a module that declares the flows or imports them: ${what}`);

  code(add("ls", "list the runs of a store, in the order in which they were created", "deflow ls --store runs.db --status waiting --since \"2 days\""), "says which runs are stranded")
    .option("--flow <name>", "of this flow")
    .addOption(new Option("--status <status...>", "in one of these").choices(statuses))
    .option("--index <key=value...>", "with these entries in their index; customer=7 is a number, 'customer=\"7\"' a text")
    .option("--since <time>", "created then or later: 2026-01-31, 2026-01-31T09:00Z, or how long ago: \"2 days\"")
    .option("--until <time>", "created before then")
    .option("--limit <number>", "at most so many, to 1,000", "50")
    .option("--cursor <cursor>", "go on where the answer that gave it ended")
    .action(async (options: ListOptions) => done(await (await import("./ls.ts")).list(options, io)));

  code(add("show", "show a run: its state, where each strand waits, what happened to it and what it said", "deflow show E-1 --store runs.db"), "reads the run as they do")
    .argument("<run>")
    .option("--folder <folder>", "a folder of the package whose source shows the lines", ".")
    .option("-p, --project <tsconfig>", "the program; else the package's tsconfig.json")
    .action(async (run: string, options: ShowOptions) => done(await (await import("./show.ts")).show(run, options, io)));

  add("tail", "follow a run until it ends, or until Ctrl-C; exits with 1 when it has not completed. --json: a line for each thing told", "deflow tail E-1 --store runs.db")
    .argument("<run>")
    .action(async (run: string, options: RunOptions) => done(await (await import("./tail.ts")).tail(run, options, io)));

  const input = (command: Command): Command => code(command, "makes the turn, and its steps, here; else a worker does")
    .argument("[json]", "the payload; - reads it from standard input");
  input(add("continue", "give a run what it waits for now, and show it after its turn", "deflow continue E-1 decision '{\"ok\":true}' --store runs.db").argument("<run>").argument("<context>"))
    .option("--permit <permit>", "what the listen asks for; else DEFLOW_PERMIT says it")
    .option("--event-id <id>", "given again with the same id, nothing is done")
    .option("--wait <duration>", "how long a worker is waited for; default \"30 seconds\"")
    .action(async (run: string, context: string, json: string | undefined, options: InputOptions) => done(await (await import("./input.ts")).continueRun(run, context, json, options, io)));
  input(add("send", "leave an event for whenever a run listens", "deflow send E-1 decision '{\"ok\":true}' --store runs.db").argument("<run>").argument("<context>"))
    .option("--permit <permit>", "what the listen asks for; else DEFLOW_PERMIT says it")
    .option("--event-id <id>", "given again with the same id, nothing is done")
    .action(async (run: string, context: string, json: string | undefined, options: InputOptions) => done(await (await import("./input.ts")).send(run, context, json, options, io)));
  input(add("settle", "answer a callback", "deflow settle $TOKEN '{\"reference\":\"P-1\"}' --store runs.db").argument("<token>"))
    .action(async (token: string, json: string | undefined, options: InputOptions) => done(await (await import("./input.ts")).settle(token, json, options, io)));

  code(add("cancel", "ask a run to end: its waits throw, its cleanup and compensations run", "deflow cancel E-1 --reason \"sold out\" --store runs.db"), "does that here; else a worker does")
    .argument("<run>")
    .option("--reason <text>", "what the flow and its callers are told")
    .action(async (run: string, options: EndOptions) => done(await (await import("./end.ts")).cancel(run, options, io)));
  add("kill", "end a run where it stands: nothing of its flow runs", "deflow kill E-1 --store runs.db")
    .argument("<run>")
    .option("--reason <text>", "what its callers are told")
    .action(async (run: string, options: EndOptions) => done(await (await import("./end.ts")).kill(run, options, io)));

  code(add("retry", "let a failed run go on from its last commit; exits with 1 when it fails again", "deflow retry E-1 --store runs.db --program dist/flows.js"), "needed, its steps are made here")
    .argument("<run>")
    .action(async (run: string, options: RunOptions) => done(await (await import("./retry.ts")).retry(run, options, io)));
  code(add("fork", "make a second run that goes on from where a waiting one stands", "deflow fork E-1 --id E-1b --store runs.db --program dist/flows.js"), "needed")
    .argument("<run>")
    .option("--id <id>", "of the new run; else random")
    .action(async (run: string, options: ForkOptions) => done(await (await import("./fork.ts")).fork(run, options, io)));
}
