// A database that tells of its statements: for tests that count them, or that need something to happen right after one.

import type { Database } from "../../runtime/stores/sqlite/driver.ts";

/** Calls `after` with the SQL of each prepared statement that ran, before its caller has the result. */
export function observed(database: Database, after: (sql: string) => void): Database {
  const tell = <T>(sql: string, result: T): T => {
    after(sql);
    return result;
  };
  return {
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        get: (...parameters) => tell(sql, statement.get(...parameters)),
        all: (...parameters) => tell(sql, statement.all(...parameters)),
        run: (...parameters) => tell(sql, statement.run(...parameters)),
      };
    },
  };
}

/** What the store reads a run with. */
export const readsRun = (sql: string): boolean => sql.includes("r.frame");
