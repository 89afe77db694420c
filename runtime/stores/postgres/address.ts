// The address of a database, as it is given and as it is named in errors.

import { InvalidArgumentError } from "../../errors/run.ts";

export function checkedAddress(connectionString: string): string {
  if (typeof connectionString === "string" && URL.canParse(connectionString) && /^postgres(?:ql)?:/u.test(connectionString)) return connectionString;
  throw new InvalidArgumentError("`connectionString`", "not a URL of a Postgres database", "postgres://user:password@host:port/database");
}

/** Without the password. */
export function addressName(connectionString: string): string {
  const { host, pathname } = new URL(connectionString);
  return `postgres://${host}${pathname}`;
}
