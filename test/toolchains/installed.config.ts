// Tools that are installed for their test alone: npm run test:installed, or with `-t Next` one of them.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  test: { include: [beside("installed.ts")], globalSetup: [beside("setup.ts")], testTimeout: 600_000 },
});
