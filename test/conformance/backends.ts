// Every back end by the name used on the command line and between processes.

import type { Backend } from "./backend.ts";
import { babelIe11, typescriptEs5 } from "./downlevel.ts";
import { mutantBackends } from "./mutants/backends.ts";
import { native, nativeWithLessStack } from "./native.ts";
import { oracles } from "./oracles/all.ts";
import { faultBackends } from "./oracles/faults.ts";
import { oracleBackend } from "./oracles/oracle.ts";
import { ours } from "./ours.ts";
import { levels } from "./program.ts";
import { replay } from "./replay.ts";

export const backends: ReadonlyMap<string, Backend> = new Map(
  [native, nativeWithLessStack, replay, typescriptEs5, babelIe11, ...levels.map((level) => ours(level)), ...oracles.map((oracle) => oracleBackend(oracle)), ...mutantBackends, ...faultBackends].map((backend) => [backend.name, backend]),
);
