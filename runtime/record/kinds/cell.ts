// {"$cell": value}: shared by all frames and closures that hold it.    {"$tdz": 0}: a variable before its declaration.

import { Cell, tdz, type Tdz } from "../../values/cell.ts";
import { type Kind, via } from "../../codec/kind.ts";

export const cellKind: Kind<Cell> = {
  tag: "$cell",
  prototypes: [Cell.prototype],
  encode: ({ v }, write) => write(v, via("")),
  create: () => new Cell(undefined),
  fill(cell, payload, read) {
    cell.v = read(payload, via(""));
  },
};

export const tdzKind: Kind<Tdz> = {
  tag: "$tdz",
  prototypes: [Object.getPrototypeOf(tdz) as object],
  named: true,
  encode: () => 0,
  create: () => tdz,
};
