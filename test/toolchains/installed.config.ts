// Tools that are installed for their test alone: npm run test:installed, or with `-t Next` one of them.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/toolchains/installed.ts"], globalSetup: ["test/toolchains/setup.ts"], testTimeout: 600_000 },
});
