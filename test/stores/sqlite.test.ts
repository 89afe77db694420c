// SQLite keeps the laws of stores: two connections to one file, a caller's connection, a database in memory.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeSuite } from "../../runtime/testing/store-suite.ts";
import { sqlite } from "../../runtime/stores/sqlite.ts";
import { connect } from "../../runtime/stores/sqlite/driver.ts";

await storeSuite("sqlite, two connections to one file", {
  open() {
    const folder = mkdtempSync(join(tmpdir(), "deflow-"));
    const [first, second] = [sqlite(join(folder, "runs.db")), sqlite(join(folder, "runs.db"))];
    return {
      first,
      second,
      begin() {
        const client = connect(join(folder, "runs.db"));
        client.exec("begin immediate");
        return {
          client,
          end(how) {
            client.exec(how);
            client.close();
          },
          drop: () => void client.close(),
        };
      },
      async close() {
        await first.close();
        await second.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
});

await storeSuite("sqlite, in memory", {
  open() {
    const store = sqlite(":memory:");
    return { first: store, second: store, close: () => store.close() };
  },
});
