// Act two of the demo: four builds of one flow over one SQLite file, each built and run as its user would, while 20 runs sleep. One of the
// builds stops.

import colors from "picocolors";
import { type Check, checkLines, equal } from "../../approval/demo/check.ts";
import { show, width, wrap } from "../../approval/demo/text.ts";
import { type Edit, readEdits } from "./edits.ts";
import { type Ended, Project, type Row } from "./project.ts";

const customers = Array.from({ length: 20 }, (_, index) => ({ id: `S-${String(index + 1).padStart(2, "0")}`, paidSeats: index + 1 }));
const ids = customers.map(({ id }) => id);

/** What was seen of one version: its build, what `deflow check --store` said before it ran, its process, and then the rows. */
interface Version {
  readonly build: Ended;
  readonly check?: Ended;
  readonly process?: Ended;
  readonly rows: readonly Row[];
}

export async function actTwo(installed: string): Promise<Check[]> {
  const project = new Project(installed);
  try {
    return await act(project);
  } finally {
    project.remove();
  }
}

async function act(project: Project): Promise<Check[]> {
  const edits = readEdits();
  const deploy = async (words: readonly string[]): Promise<Version> => {
    const [build, check] = await Promise.all([project.build(), words.includes("--sign-up") ? undefined : project.deflow("check", "--store", "runs.db")]);
    const process = build.code === 0 && (check?.code ?? 0) === 0 ? await project.service(...words) : undefined;
    return { build, ...(check && { check }), ...(process && { process }), rows: await project.rows(ids) };
  };

  const [first, lock] = await Promise.all([deploy(["--sign-up", "20"]), project.deflow("lock")]);
  show("10. Act two, version 1: 20 runs sleep", [...versionLines(first), ...commandLines("deflow lock", lock)]);

  project.edit(edits.fix);
  const fixed = await deploy(["--days-ahead", "31"]);
  show("11. Version 2, a fix, day 31", [...editLines(edits.fix), ...versionLines(fixed)]);

  project.edit(edits.breaking);
  const broken = await deploy(["--days-ahead", "38"]);
  show("12. Version 3, which needs what no run has", [...editLines(edits.breaking), ...versionLines(broken)]);

  project.edit(edits.migration);
  const migrated = await deploy(["--days-ahead", "38", "--price", "12"]);
  show("13. Version 3 with a migration, day 38; the list price is 12", [...editLines(edits.migration), ...versionLines(migrated)]);

  const judged = judge({ first, fixed, broken, migrated, lock }, project, edits.migration);
  show("14. Checks of act two", checkLines(judged));
  return judged;
}

interface Seen {
  readonly first: Version;
  readonly fixed: Version;
  readonly broken: Version;
  readonly migrated: Version;
  readonly lock: Ended;
}

function judge({ first, fixed, broken, migrated, lock }: Seen, { effects }: Project, migration: Edit): Check[] {
  const done = (effect: string, { process }: Version, amount: (paidSeats: number) => number): number =>
    customers.filter(({ id, paidSeats }) => effects.some((entry) => entry.effect === effect && entry.pid === process?.pid && entry.customer === id && entry.amount === amount(paidSeats))).length;
  const point = /migrate\(\w+, "([^"]+)"/.exec(migration.join("\n"))?.[1];
  const message = broken.build.lines.join("\n");
  return [
    equal("exit codes of the four builds", [first, fixed, broken, migrated].map(({ build }) => (build.code === 0 ? "0" : "not 0")).join(", "), "0, 0, not 0, 0"),
    equal("exit codes of `deflow lock`, and of `deflow check --store` before versions 2, 3, 3 with the migration", [lock, fixed.check, broken.check, migrated.check].map((ended) => ended?.code).join(", "), "0, 0, 1, 0"),
    equal("runs asleep under version 1, and effects of it", `${inStatus(first, "waiting")} and ${effects.filter(({ pid }) => pid === first.process?.pid).length}`, "20 and 0"),
    equal("runs that version 2 took on, and that sleep again", inStatus(fixed, "waiting", first), 20),
    equal("mails of version 2, with the seats that the fix counts", done("mail", fixed, (paid) => paid), 20),
    equal("errors of the build of version 3", message.match(/error TS\d+/g)?.join() ?? "", "error TS990403"),
    equal("the local that it names, and the point", /`subscribe (\S+)` is released and needs `(\w+)`/.exec(message)?.slice(1).reverse().join(" at ") ?? "", `price at ${String(point)}`),
    equal("runs that `deflow check --store` says it would strand", /(\d+) runs +would be stranded/.exec(broken.check?.lines.join("\n") ?? "")?.[1] ?? "", "20"),
    equal("runs that it has touched", broken.rows.filter(({ version }, index) => version !== fixed.rows[index]?.version).length, 0),
    equal("runs completed by version 3 with the migration", inStatus(migrated, "completed", broken), 20),
    equal("charges of it, for those seats, at the price of the migration", done("charge", migrated, (paid) => paid * 10), 20),
    equal("effects in all, under keys of their own", `${effects.length}, ${new Set(effects.map(({ key }) => key)).size}`, "40, 40"),
  ];
}

/** Rows of that status, and that were stored since the version before. */
function inStatus({ rows }: Version, status: string, before?: Version): number {
  return rows.filter((row, index) => row.status === status && row.version > (before?.rows[index]?.version ?? 0)).length;
}

function versionLines({ build, check, process, rows }: Version): string[] {
  return [
    ...commandLines("tspc -p .", build, process === undefined ? 4 : 0),
    ...(check ? commandLines("deflow check --store runs.db", check) : []),
    process ? `  Its process, pid ${process.pid}, ended with ${process.code}; then runs.db has ${counted(rows)}` : `  It does not run; runs.db has ${counted(rows)}`,
  ];
}

function commandLines(command: string, { code, lines }: Ended, most = lines.length): string[] {
  const said = lines.slice(0, most).filter(Boolean).flatMap((line) => wrap(line, width - 4)).map((line) => `    ${code === 0 ? line : colors.yellow(line)}`);
  return [`  ${colors.bold(command)}: exit code ${code}`, ...said];
}

function editLines(edit: Edit): string[] {
  return [...edit.filter((line) => line.length > 1).map((line) => `  ${line.startsWith("+") ? colors.green(line) : line.startsWith("-") ? colors.red(line) : line}`), ""];
}

function counted(rows: readonly Row[]): string {
  const counts = new Map<string, number>();
  for (const { status } of rows) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}
