// Cells: the box of one variable that closures share, with the dead zone before its declaration ran.

import { oneClass, shared } from "../realm/shared.ts";

class OwnCell<T = unknown> {
  v: T;

  constructor(v: T) {
    this.v = v;
  }
}

export type Cell<T = unknown> = OwnCell<T>;
export const Cell = oneClass("Cell", OwnCell);

/** What a variable holds before its declaration ran. It is stored like any value: a frame may stop in the dead zone. */
export class Tdz {}

export const tdz: Tdz = (shared.tdz ??= Object.freeze(new Tdz()));

export function cell<T>(v?: T): Cell<T | undefined> {
  return new Cell(v);
}

/** The cell of the next iteration: what closures of this one captured stays as it is. */
export function copy<T>(cell: Cell<T>): Cell<T> {
  return new Cell(cell.v);
}

export function get<T>(cell: Cell<T>, name: string): T {
  if (cell.v === tdz) dead(name);
  return cell.v;
}

export function set<T>(cell: Cell<T>, name: string, value: T): T {
  if (cell.v === tdz) dead(name);
  return (cell.v = value);
}

/** The cell itself, for `x += 1` and patterns. */
export function check<T>(cell: Cell<T>, name: string): Cell<T> {
  if (cell.v === tdz) dead(name);
  return cell;
}

/**
 * The target of an assignment to a constant: reading gives its value; writing throws after the right side was evaluated,
 * first whatever reading throws in the dead zone.
 */
export function constant(read: () => unknown): { v: unknown } {
  return {
    get v() {
      return read();
    },
    set v(_) {
      read();
      throw new TypeError("Assignment to constant variable.");
    },
  };
}

/** The value of a variable that is no cell. */
export function live<T>(value: T, name: string): T {
  if (value === tdz) dead(name);
  return value;
}

function dead(name: string): never {
  throw new ReferenceError(`Cannot access '${name}' before initialization`);
}
