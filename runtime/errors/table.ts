// Every error a user can meet, by code: what its message says and what to do about it. Each has a page, `<CODE>.md` beside
// this file, and a class: load.ts, run.ts, flow.ts, codec.ts, store.ts.

interface Entry<D> {
  readonly message: (details: D) => string;
  readonly hint: string;
}

function entry<D = object>(message: (details: D) => string, hint: string): Entry<D> {
  return { message, hint };
}

/** Where something is: a flow, the point it stopped at, and the source position when it is known. */
export interface Place {
  readonly flow: string;
  readonly point?: string | undefined;
  readonly at?: string | undefined;
}

export function placeText({ flow, point, at }: Place): string {
  return `\`${flow}\`${point === undefined ? "" : ` at \`${point}\``}${at === undefined ? "" : ` (${at})`}`;
}

/** Of slots, in words: `it` and `total`, which closures share in the one and not in the other. */
function misfit(missing: readonly string[], kinds: readonly string[]): string {
  const lacks = missing.length === 0 ? [] : [`it needs ${list(missing)}, which the frame does not have`];
  const differ = kinds.length === 0 ? [] : [`closures share ${list(kinds)} in the one and not in the other`];
  return [...lacks, ...differ].join("; ");
}

const list = (names: readonly string[]): string => (names.length === 0 ? "nothing" : names.map((name) => `\`${name}\``).join(", "));

/** Of a store: where, and what the database said. */
interface Failed {
  readonly path: string;
  readonly reason: string | undefined;
}

const because = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`);

export const table = {
  NOT_COMPILED: entry<{ name: string; here: string | undefined }>(
    ({ name, here }) => `\`${name}\` was given to deflow() but was not compiled${here === undefined ? "" : `. ${here}`}`,
    "Install the transformer in the toolchain that runs this file. TypeScript: add { \"transform\": \"deflow/transformer\", \"transformProgram\": true } to"
      + " \"plugins\" in tsconfig.json and build with ts-patch's tspc, or with TypeScript 7 by `deflow tsc`. Vite and Vitest: add deflow() of \"deflow/vite\" to plugins."
      + " Jest: the transformer \"deflow/jest\". Node, tsx: start it with node --import deflow/register. Other bundlers have a sub-path each.",
  ),
  FLOW_REFUSED: entry<{ flow: string; diagnostics: string }>(
    ({ flow, diagnostics }) => `The flow \`${flow}\` was refused by the compiler: ${diagnostics}`,
    "Correct what the diagnostics name and build again; the build showed them with their source lines.",
  ),
  CONTRACT_MISMATCH: entry<{ found: number; expected: number; what: string }>(
    ({ found, expected, what }) => `${what} has contract ${found}, this runtime has contract ${expected}`,
    "Compile with the compiler of the deflow version that runs the code, and install one version of deflow only (npm ls deflow).",
  ),
  NOT_IN_RUN: entry<{ operation: string }>(
    ({ operation }) => `${operation} was called outside a run`,
    "Call it in a flow, or in a helper that a flow calls, before the helper's first await. A step's function is in no run: read run.id before the step, whose `key` begins with it,"
      + " and use the `log` that it is given. Start a flow with engine.start(flow, args) or begin(flow, args).",
  ),
  NEEDS_ENGINE: entry<{ operation: string }>(
    ({ operation }) => `${operation} needs an engine; this run was started with begin()`,
    "Start the run with createEngine({ store, flows }).start(flow, args).",
  ),
  NOT_FOUND: entry<{ id: string }>(
    ({ id }) => `There is no run \`${id}\``,
    "Check the id and the store; ended runs are removed after their retention time.",
  ),
  NOT_LISTENING: entry<{ context: string; waits: readonly string[] }>(
    ({ context, waits }) => `The run does not listen for \`${context}\`; it listens for ${list(waits)}`,
    "Ask for the waits before answering, or use engine.send(), which may come before the listen.",
  ),
  WRONG_PERMIT: entry<{ context: string }>(
    ({ context }) => `The run listens for \`${context}\` with another permit`,
    "Pass the permit that the listen names: { permit }.",
  ),
  INVALID_INPUT: entry<{ what: string; issues: readonly string[] }>(
    ({ what, issues }) => `The input for ${what} was refused: ${issues.join("; ")}`,
    "The run is unchanged and still waits; send input that its schema accepts.",
  ),
  INVALID_ARGUMENT: entry<{ what: string; value: string; wanted: string }>(
    ({ what, value, wanted }) => `${what} is ${value}; it must be ${wanted}`,
    "Pass a value of the type that the declaration names.",
  ),
  RUN_ENDED: entry<{ status: string }>(({ status }) => `The run is ${status} and takes no more input`, "Start a new run."),
  LEASE_LOST: entry<{ id: string }>(
    ({ id }) => `Another worker holds the run \`${id}\``,
    "Nothing was committed here. Read the run again; the other worker goes on with it.",
  ),
  TIMEOUT: entry<{ what: string; after: string }>(
    ({ what, after }) => `${what} timed out after ${after}`,
    "Catch TimeoutError, or give a `default`.",
  ),
  CANCELLED: entry<{ reason: string | undefined }>(
    ({ reason }) => (reason === undefined ? "Cancelled" : `Cancelled: ${reason}`),
    "Clean up in `finally` and let it pass.",
  ),
  HELD_BY_ORDINARY_CODE: entry<{ wait: Place; holder: string }>(
    ({ wait, holder }) => `${placeText(wait)} waits for an operation, and its promise is held by ordinary code ${holder}, which cannot be stored`,
    "Await it in the flow itself, combine it with Promise.all/race/any/allSettled there, or move the ordinary code into a step.",
  ),
  NOT_SERIALIZABLE: entry<{ path: string; type: string }>(
    ({ path, type }) => `\`${path}\` is ${type} and cannot be stored`,
    "Keep it out of what lives across the wait: make it again after it, keep an id, use a step, or register the class with serializable().",
  ),
  CORRUPT_FRAME: entry<{ path: string; problem: string }>(
    ({ path, problem }) => `Corrupt frame: ${path === "" ? "" : `at \`${path}\`: `}${problem}`,
    "Pass the text exactly as it was given; frames are not to be edited.",
  ),
  TOO_LARGE: entry<{ path: string; problem: string; largest: string }>(
    ({ path, problem, largest }) => `${path === "" ? "The frame" : `\`${path}\``} is too large: ${problem}${largest === "" ? "" : `; largest: ${largest}`}`,
    "Store large data elsewhere and keep its key in the run, or raise the limit.",
  ),
  UNKNOWN_FLOW: entry<{ flow: string; given?: readonly string[] | undefined }>(
    ({ flow, given }) => (given === undefined
      ? `The frame belongs to the flow \`${flow}\`, which is not known here`
      : `This engine was not given the flow \`${flow}\`; it has ${list(given)}`),
    "Import the module that declares the flow, or name it in createEngine({ flows }).",
  ),
  DUPLICATE_FLOW: entry<{ flow: string; files: readonly string[] }>(
    ({ flow, files }) => `The flow name \`${flow}\` is declared in ${files.join(" and ")}`,
    "Give one of them another name: deflow({ name }, …).",
  ),
  UNKNOWN_STEP: entry<{ name: string; known: readonly string[] }>(
    ({ name, known }) => `No flow of this test has a step \`${name}\`; there are ${list(known)}`,
    "Correct the name, or remove the stand-in that nothing calls.",
  ),
  DUPLICATE_ACTIVITY: entry<{ name: string; places: readonly string[] }>(
    ({ name, places }) => `The activity \`${name}\` is registered twice: ${places.join(", and ")}`,
    "Where they are two, give one of them another name: runs find activities by it. Where one is a copy, as in a frozen flow's file, import the other there instead.",
  ),
  UNKNOWN_ACTIVITY: entry<{ name: string }>(
    ({ name }) => `The run waits for the activity \`${name}\`, which no loaded module registers`,
    "Import the module that registers it; if it was renamed or removed, register it under its old name too.",
  ),
  NOT_IN_ACTIVITY: entry<object>(
    () => "activityContext() was called outside an activity",
    "Call it in the function of an activity, or in what that calls.",
  ),
  UNKNOWN_POINT: entry<{ place: Place }>(
    ({ place }) => `The frame stopped in ${placeText(place)}, a point that today's code does not have`,
    "Bring the wait back under its old name or label, or keep the old flow for the runs that wait in it and give the new one another name.",
  ),
  LOCALS_MISFIT: entry<{ place: Place; missing: readonly string[]; kinds: readonly string[]; from: string }>(
    ({ place, missing, kinds, from }) => `Today's code of ${placeText(place)} does not fit what was stored at \`${from}\`: ${misfit(missing, kinds)}`,
    "Give what is needed with migrate(flow, from, (locals) => …), keep the old flow with `deflow freeze`, or bring the locals back.",
  ),
  REGION_MISFIT: entry<{ place: Place; problem: string; from: string }>(
    ({ place, problem, from }) => `Today's code of ${placeText(place)} does not fit what was stored at \`${from}\`: ${problem}`,
    "Put the wait back into the loops and `try`s that were around it, or keep the old flow with `deflow freeze`.",
  ),
  CAPTURES_MISFIT: entry<{ path: string; id: string; missing: readonly string[]; kinds: readonly string[] }>(
    ({ path, id, missing, kinds }) => `\`${path}\` is the function \`${id}\`, whose code does not fit what it captured: ${misfit(missing, kinds)}`,
    "Let the function capture what it captured, give the new one another name or label, or keep the old flow with `deflow freeze`.",
  ),
  MIGRATION_FAILED: entry<{ place: Place; problem: string }>(
    ({ place, problem }) => `The migration of ${placeText(place)} failed: ${problem}`,
    "Let its function give, at once, every local that the point needs in today's code.",
  ),
  POINT_RETIRED: entry<{ place: Place }>(
    ({ place }) => `The run waited in ${placeText(place)}, a point that was given up with \`deflow retire\``,
    "Catch it where the flow is called, or undo the rest with `compensate`. To go on instead, give the point a migration before it is retired.",
  ),
  PINNED: entry<{ flow: string }>(
    ({ flow }) => `\`${flow}\` goes on with the code that it was begun with alone, and that was changed`,
    "Run the build that it was begun with beside this one until its runs are over; new ones take today's code.",
  ),
  NEWER_RUN: entry<{ need: string }>(
    ({ need }) => `The run needs \`${need}\`, of which only a newer version of deflow knows what it is`,
    "Let a program with the version of deflow that stored the run, or a later one, go on with it.",
  ),
  UNKNOWN_CODE: entry<{ path: string; id: string }>(
    ({ path, id }) => `\`${path}\` is the function \`${id}\`, which no loaded module declares`,
    "Import the module that declares it; if the function was removed or renamed, bring it back under its id.",
  ),
  UNKNOWN_EXTERNAL: entry<{ path: string; name: string }>(
    ({ path, name }) => `\`${path}\` is the object \`${name}\` of module state, which no loaded module has given to external()`,
    "Import the module that calls external(name, object) with this name before the frame is read.",
  ),
  UNKNOWN_CLASS: entry<{ path: string; name: string; problem: string }>(
    ({ path, name, problem }) => `\`${path}\` is of the class \`${name}\`: ${problem}`,
    "Register the class with serializable(Class, { name, version, upgrade }) before the frame is read.",
  ),
  INVALID_CLASS: entry<{ name: string; problem: string }>(
    ({ name, problem }) => `serializable() cannot take the class \`${name}\`: ${problem}`,
    "Keep its whole state in ordinary fields (TypeScript's `private` is one), and give it a name of its own.",
  ),
  UNHANDLED_REJECTION: entry<{ what: string; reason: string }>(
    ({ what, reason }) => `${what} was rejected and nobody waited for it: ${reason}`,
    "Await the promise, or catch its rejection in the flow.",
  ),
  DEADLOCK: entry<{ flow: string; strands: readonly Place[] }>(
    ({ flow, strands }) => `Nothing can settle what \`${flow}\` waits for; its strands wait for each other: ${strands.map(placeText).join(", ")}`,
    "Let one of them wait for an operation of its own: a listen with a timeout, a sleep, or within() around the wait.",
  ),
  FATAL: entry<{ message: string }>(({ message }) => message, "A FatalError is not tried again: catch it in the flow if there is another way."),
  COMPENSATION_FAILED: entry<{ reasons: readonly string[] }>(
    ({ reasons }) => `${reasons.length === 1 ? "A compensation" : `${reasons.length} compensations`} of the run failed: ${reasons.join("; ")}`,
    "What these should have undone is still there; the others ran. Give the steps of compensations a `retry`.",
  ),
  KILLED: entry<{ reason: string }>(({ reason }) => `The run was killed: ${reason}`, "Nothing in the flow ran at its end: no `finally`, no compensation. To let it clean up, call engine.cancel(id)."),
  TX_REFUSED: entry<{ problem: string }>(
    ({ problem }) => `The database refused at the commit what the work of a transaction wrote: ${problem}`,
    "Nothing of it is stored. `cause` has the database's error: look at the deferred constraints of the tables that it wrote.",
  ),
  INVALID_TX: entry<{ what: string; problem: string }>(
    ({ what, problem }) => `${what} ${problem}`,
    "Use the client that is given, give back the result, and leave commit and rollback to the store. On SQLite a transaction is one synchronous"
      + " piece, without await: what has to be awaited goes into a step() before it.",
  ),
  INVALID_CLIENT: entry<{ problem: string }>(
    ({ problem }) => `The transaction of \`client\` cannot be joined: ${problem}`,
    "Begin a transaction on a connection of your own to the database of the store, pass it as { client }, await the call, and only then commit"
      + " or roll back. Without `client` the call is a transaction of its own.",
  ),
  STORE_WITHOUT_TX: entry<{ name: string }>(
    ({ name }) => `step.tx(${name}) needs a store with transactions, and the store of this engine has none`,
    "Use sqlite() of deflow/sqlite or postgresStore() of deflow/postgres, or step(), which happens at least once under one key. In a test, give testEngine a stand-in for the step.",
  ),
  STEP_OUTCOME_UNKNOWN: entry<{ step: string; key: string; attempt: number; timedOut: boolean }>(
    ({ step, attempt, timedOut }) => `Attempt ${attempt} of ${step} ${timedOut ? "timed out" : "was cut off"}; whether it happened is not known`,
    "Catch StepOutcomeUnknownError, find out by its `key` whether it happened, and go on accordingly.",
  ),
  // The store's.
  STORE_CLOSED: entry<object>(
    () => "The store is closed",
    "Close the store after everything that uses it: `await engine.close()` first.",
  ),
  STORE_DRIVER_MISSING: entry<{ driver: string; problem: string }>(
    ({ driver, problem }) => `The driver \`${driver}\` cannot be used: ${problem}`,
    "SQLite: run on Node 22.13 or later, which has node:sqlite, or `npm install better-sqlite3@12`. Postgres: `npm install pg`.",
  ),
  STORE_DRIVER_UNFIT: entry<{ version: string; node: string }>(
    ({ version, node }) => `better-sqlite3 ${version} does not run on Node ${node}: it would end the process`,
    "`npm install better-sqlite3@12`, or run on Node 22.14 or later.",
  ),
  STORE_UNREACHABLE: entry<Failed>(
    ({ path, reason }) => `\`${path}\` cannot be opened${because(reason)}`,
    "The file's directory must exist, and the process be allowed to write to it; the server must run, and host, port and database be right.",
  ),
  STORE_FOREIGN: entry<{ path: string; problem: string }>(
    ({ path, problem }) => `\`${path}\` is not a store of deflow: ${problem}`,
    "Name another file, or another schema. A database of your own is welcome as long as no table of it begins with `deflow_`.",
  ),
  STORE_NEWER: entry<{ path: string; found: number; known: number }>(
    ({ path, found, known }) => `\`${path}\` was written by a newer deflow: its tables are at ${found}, this version knows ${known}`,
    "Upgrade deflow here too: no version begins to work on the tables of a newer one.",
  ),
  STORE_CHANGED: entry<Failed>(
    ({ path, reason }) => `The tables of \`${path}\` are not as this version of deflow knows them${because(reason)}; nothing was written`,
    "A process of another version has changed them since this one began. Start this one again, with that version.",
  ),
  STORE_NOT_DURABLE: entry<{ path: string; settings: string }>(
    ({ path, settings }) => `\`${path}\` does not take the settings that make a commit durable: ${settings}`,
    "SQLite: use a local file system that supports its WAL mode. Postgres: turn the setting on, or say { durable: false } where runs may be lost.",
  ),
  STORE_NETWORK: entry<{ path: string }>(
    ({ path }) => `\`${path}\` is on a network file system, where SQLite can lose data`,
    "Put the file on a local disk.",
  ),
  STORE_LOCKED: entry<Failed>(
    ({ path, reason }) => `\`${path}\` is locked by another process${because(reason)}; nothing was written`,
    "Try again. If it stays so, another process holds a transaction open; `busyTimeout` says how long to wait.",
  ),
  STORE_READ_ONLY: entry<Failed>(
    ({ path, reason }) => `\`${path}\` is read-only${because(reason)}; nothing was written`,
    "The process must be allowed to write to the file, to its directory, and to the -wal and -shm files beside it; a Postgres must not be a"
      + " standby, nor its transactions read-only.",
  ),
  STORE_FULL: entry<Failed>(
    ({ path, reason }) => `The disk of \`${path}\` is full${because(reason)}; nothing was written`,
    "Make room and try again; the runs are as their last commits left them.",
  ),
  STORE_DISK: entry<Failed>(
    ({ path, reason }) => `The disk of \`${path}\` failed${because(reason)}; nothing was written`,
    "The cause has the database's code: check the disk and the file system. The runs are as their last commits left them.",
  ),
  STORE_CORRUPT: entry<Failed>(
    ({ path, reason }) => `\`${path}\` is damaged${because(reason)}`,
    "Restore it from a backup; `sqlite3 file .recover` reads what is left of a file.",
  ),
  STORE_DENIED: entry<Failed>(
    ({ path, reason }) => `\`${path}\` denies access${because(reason)}; nothing was written`,
    "Check user and password, and that the user has the rights that runtime/stores/postgres/README.md names.",
  ),
  STORE_MISSING: entry<Failed & { schema: string }>(
    ({ path, schema, reason }) => `\`${path}\` has no tables of deflow in the schema \`${schema}\`${because(reason)}`,
    "Leave out { migrate: \"check\" }, of SQLite { readOnly: true }, once, with a user that may create them, or run the SQL that migrationsSql() gives.",
  ),
  STORE_OLDER: entry<{ path: string; found: number; known: number; rest: string | undefined }>(
    ({ path, found, known, rest }) => `\`${path}\` was written by an older deflow: its tables are at ${found}, this version needs ${known}${rest === undefined ? "" : `; ${rest} gives the SQL between`}`,
    "Open it once with this version by who may change the tables: SQLite without { readOnly: true }, Postgres without { migrate: \"check\" } or by the SQL of migrationsSql().",
  ),
  STORE_BUSY: entry<Failed>(
    ({ path, reason }) => `\`${path}\` has no connection to spare${because(reason)}; nothing was written`,
    "Try again. If it stays so: connections are kept by others, or the pool or the server allows too few.",
  ),
  NOT_NOTIFIED: entry<{ path: string }>(
    ({ path }) => `A notification over \`${path}\` does not come back: LISTEN does not work there`,
    "Give postgresDispatcher() the address of the server itself, not of a pooler that gives each transaction another connection. Until then workers find by polling what other processes store.",
  ),
  STORE_CONFLICT: entry<Failed>(
    ({ path, reason }) => `A transaction on \`${path}\` met others again and again${because(reason)}; nothing was written`,
    "Try again. Inside a transaction of your own: roll it back, and make all of it again.",
  ),
  STORE_TIMEOUT: entry<Failed>(
    ({ path, reason }) => `\`${path}\` did not answer in the time that its settings give${because(reason)}; nothing was written`,
    "Try again. If it stays so, look at statement_timeout and lock_timeout, and at who holds locks (pg_stat_activity).",
  ),
  STORE_OUTCOME_UNKNOWN: entry<Failed>(
    ({ path, reason }) => `The connection to \`${path}\` broke before the answer${because(reason)}; whether it was written is not known`,
    "Look at the run before the call is repeated. With an `eventId`, and for starts with an `id`, a repetition does no harm.",
  ),
  // The engine's.
  RUN_EXISTS: entry<{ id: string; flow: string }>(
    ({ id, flow }) => `The id \`${id}\` is taken by a run of \`${flow}\``,
    "Choose another id. Starting the same flow twice with one id gives the run that is there.",
  ),
  UNKNOWN_TOKEN: entry<object>(
    () => "The token settles nothing: it is wrong, used up, or no longer waited for",
    "A callback's token works once, while the run waits for it: read the run's state to see whether it had been taken.",
  ),
  NOT_RETRYABLE: entry<{ status: string; problem: string }>(
    ({ status, problem }) => `The run is ${status} and cannot be tried again: ${problem}`,
    "retry() takes failed runs; start a new run otherwise.",
  ),
  NOT_FORKABLE: entry<{ status: string; problem: string }>(
    ({ status, problem }) => `The run is ${status} and cannot be forked: ${problem}`,
    "fork() takes runs that wait and have no step under way: fork it when its turn and its steps are over.",
  ),
  TURN_CRASHED: entry<{ attempts: number }>(
    ({ attempts }) => `The turn ended its process ${attempts} times and is not tried again by itself`,
    "Look for what ends the process (memory, process.exit, an endless loop), then call engine.retry(id).",
  ),
  SETTLED_BETWEEN_TURNS: entry<{ flow: string }>(
    ({ flow }) => `Ordinary code settles a promise of \`${flow}\` between two turns of its run, which would be lost`,
    "Wait with callback(), listen() or a step for what comes from outside; let ordinary code settle a promise only while the flow awaits it.",
  ),
  TURN_TIMEOUT: entry<{ after: string; held?: string | undefined }>(
    ({ after, held }) => `The turn was still running after ${after}${held === undefined ? "" : `, and could not have been stored: ${held}`}`,
    "An ordinary promise does not settle. Give it a timeout of its own, or raise `turnTimeout`. Make one that a strand settles in the flow.",
  ),
  ENGINE_CLOSED: entry<object>(() => "The engine is closed", "Make a new one with createEngine()."),
} as const;

/** What every error of deflow has as its `code`: `NOT_FOUND`, `NOT_LISTENING`, … Each has a page, `runtime/errors/<CODE>.md`. */
export type Code = keyof typeof table;

export function messageOf<C extends Code>(code: C, details: Details<C>): string {
  return (table[code].message as (details: Details<C>) => string)(details);
}

export type Details<C extends Code> = (typeof table)[C] extends Entry<infer D> ? D : never;
