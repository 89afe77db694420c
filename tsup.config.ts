// The build of the package: ESM, CommonJS and types for each sub-path.
//
// `splitting` makes one copy of what entries share (the runtime's state, the registry) in each of the two formats.
// The two formats find each other through the runtime's `Symbol.for` key. Chunks of CommonJS come from Rollup, which
// `treeshake` brings in: without it `?.` and calls of imports are rewritten into slow helpers.

import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "runtime/index.ts",
    internal: "runtime/internal.ts",
    sqlite: "runtime/stores/sqlite.ts",
    postgres: "runtime/stores/postgres.ts",
    patterns: "runtime/patterns/index.ts",
    http: "runtime/http/index.ts",
    testing: "runtime/testing.ts",
    compiler: "compiler/index.ts",
    transformer: "compiler/adapters/transformer.ts",
    "language-service": "compiler/adapters/language-service.ts",
    vite: "compiler/adapters/vite.ts",
    rollup: "compiler/adapters/rollup.ts",
    rolldown: "compiler/adapters/rolldown.ts",
    esbuild: "compiler/adapters/esbuild.ts",
    webpack: "compiler/adapters/webpack.ts",
    rspack: "compiler/adapters/rspack.ts",
    farm: "compiler/adapters/farm.ts",
    loader: "compiler/adapters/loader.ts",
    bun: "compiler/adapters/bun.ts",
    jest: "compiler/adapters/jest.ts",
    register: "compiler/adapters/register.ts",
    hooks: "compiler/adapters/hooks.ts",
    cli: "cli/main.ts",
  },
  format: ["esm", "cjs"],
  dts: true,
  target: "node20",
  platform: "node",
  clean: true,
  splitting: true,
  treeshake: true,
  sourcemap: false,
  removeNodeProtocol: false,
  shims: true, // import.meta.url in the CommonJS build
  external: ["typescript", "better-sqlite3", "pg", "vitest"],
});
