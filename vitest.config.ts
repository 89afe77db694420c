// The tests' build: sources under the package's own names, and every flow in a test or a fixture compiled by the
// adapter that users of Vite get.
//
// Two projects: `unit` runs from the sources; `toolchains` builds and packs the package once and uses it as a user would.

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { runnerImport, type Plugin } from "vite";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const names = {
  deflow: "./runtime/index.ts",
  "deflow/internal": "./runtime/internal.ts",
  "deflow/sqlite": "./runtime/stores/sqlite.ts",
  "deflow/postgres": "./runtime/stores/postgres.ts",
  "deflow/patterns": "./runtime/patterns/index.ts",
  "deflow/http": "./runtime/http/index.ts",
  "deflow/testing": "./runtime/testing.ts",
  "deflow/compiler": "./compiler/index.ts",
};

// The adapter is loaded through Vite's own runner, because Node 20 cannot import TypeScript. A compiler that does not
// load must not keep the tests of the runtime from running: it is said aloud, and flows then throw `NotCompiled`.
async function compiler(): Promise<Plugin[]> {
  try {
    const { module } = await runnerImport<{ deflow(): Plugin }>(source("./compiler/adapters/vite.ts"));
    return [module.deflow()];
  } catch (error) {
    console.error("vitest.config: the compiler does not load, flows in tests stay as they are\n", error);
    return [];
  }
}

export default defineConfig({
  plugins: await compiler(),
  resolve: {
    alias: Object.entries(names).map(([name, path]) => ({ find: new RegExp(`^${name}$`), replacement: source(path) })),
  },
  test: {
    // One core is not left to the tool: of two that would be half. The longest tests run programs one after the other.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000, // the machine may be shared; a test that hangs hangs longer
    hookTimeout: 120_000, // the first that needs a Postgres waits for its start
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts", "examples/**/*.test.ts", "runtime/**/*.test.ts", "compiler/**/*.test.ts"],
          exclude: ["test/toolchains/**", "**/node_modules/**"],
          globalSetup: ["test/postgres/setup.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "toolchains",
          include: ["test/toolchains/**/*.test.ts"],
          globalSetup: ["test/toolchains/setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
