// migrate(): what stored runs go on with where newer code needs other locals than they have.

import { InvalidArgumentError } from "../errors/run.ts";
import { shared } from "../realm/shared.ts";
import { declareMigration } from "../versions/migrations.ts";

/** The locals of each released point, by flow: `deflow lock` writes them to `deflow.lock.d.ts`. */
// oxlint-disable-next-line no-empty-interface, no-empty-object-type -- a project's lock file fills it
export interface Released {}

type IfReleased<Known, Otherwise> = [keyof Released] extends [never] ? Otherwise : Known;

/** `listen:decision@k3f0a`: a released point, with the fingerprint of what it was like. */
export type ReleasedPoint = IfReleased<{ [Name in keyof Released]: keyof Released[Name] & string }[keyof Released], string>;

/** What is live there. */
export type LocalsAt<From> = IfReleased<
  { [Name in keyof Released]: From extends keyof Released[Name] ? Released[Name][From] : never }[keyof Released],
  Record<string, unknown>
>;

/** Of `migrate()`. */
export interface MigrateOptions {
  /**
   * The point that the run goes on at, where it is another one: it waits for what it waited for, and goes on there with what that gives. Default: the
   * point of the same id.
   */
  readonly to?: string;
}

/**
 * At the top level of a module: runs that stopped at `from` go on with the locals that `change` makes of theirs. It is called each time such a run is read
 * until the run is stored again, so it computes and does nothing else. The answer has every named local of the point; locals that closures share are
 * plain values here and stay shared. Where the answer does not fit the code either, the next migration is looked up by its fingerprint.
 * @throws InvalidArgument for what is no flow, or a point without its fingerprint.
 */
export function migrate<From extends ReleasedPoint>(
  flow: { readonly deflow: { readonly id: string } }, from: From, change: (locals: LocalsAt<From>) => Readonly<Record<string, unknown>>, { to }: MigrateOptions = {},
): void {
  const given: unknown = flow;
  if (typeof given !== "function" || shared.tags.get(given)?.kind !== "flow") throw new InvalidArgumentError("The flow to migrate", typeof flow, "a flow, made with deflow()");
  if (typeof change !== "function") throw new InvalidArgumentError("The migration", typeof change, "a function of the locals");
  declareMigration(flow.deflow.id, from, { change: change as (locals: Record<string, unknown>) => unknown, to });
}
