// What tests of flows and of stores are written with.

export { SimulatedClock } from "./clock.ts";
export { storeSuite } from "./testing/store-suite.ts";
export type { StoreFixture, StorePair, TestFramework } from "./testing/store-suite.ts";
