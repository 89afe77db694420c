// The Postgres store keeps the laws of stores: as one store, and as two processes would, each with connections of its own.

import { afterAll, beforeAll } from "vitest";
import { storeSuite } from "../../runtime/testing/store-suite.ts";
import { newSchema, type Schema } from "../postgres/schema.ts";
import { describePostgres } from "../postgres/shared.ts";

describePostgres("postgres", async () => {
  let schema: Schema;
  beforeAll(async () => {
    schema = await newSchema();
  });
  afterAll(() => schema?.drop());

  await storeSuite("one store", {
    async open() {
      await schema.empty();
      const store = schema.open();
      return { first: store, second: store, begin: () => schema.begin(), close: () => store.close() };
    },
  });

  await storeSuite("two stores", {
    async open() {
      await schema.empty();
      const [first, second] = [schema.open(), schema.open()];
      return { first, second, begin: () => schema.begin(), close: async () => void (await Promise.all([first.close(), second.close()])) };
    },
  });
});
