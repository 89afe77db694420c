// What tests of flows and of stores are written with.

export { SimulatedClock } from "./realm/clock.ts";
export { testEngine } from "./testing/test-engine.ts";
export type { TestEngine, TestEngineOptions } from "./testing/test-engine.ts";
export type { PerformedStep, StandIn, StandInContext } from "./testing/performed-steps.ts";
export { faults, faultyStore, StoreFault } from "./testing/faulty-store.ts";
export type { Fault, FaultyStore, PlannedFault, StoreCall } from "./testing/faulty-store.ts";
export { dispatcherSuite } from "./testing/dispatcher-suite.ts";
export type { DispatcherFixture, DispatcherPair } from "./testing/dispatcher-suite.ts";
export { storeSuite } from "./testing/store-suite.ts";
export type { Caller, StoreFixture, StorePair, TestFramework } from "./testing/store-suite.ts";
