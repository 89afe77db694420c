import { storeSuite } from "../../runtime/testing/store-suite.ts";
import { memory } from "../../runtime/stores/memory.ts";

await storeSuite("memory", {
  open() {
    const store = memory();
    return { first: store, second: store, close: () => store.close() };
  },
});
