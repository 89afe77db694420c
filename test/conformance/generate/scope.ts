// What a random program may name where: bindings by kind, and the function that is being written.

import type { Random } from "./random.ts";

export type Kind = "value" | "object" | "array" | "function" | "async" | "map" | "set";

interface Binding {
  readonly name: string;
  readonly kind: Kind;
  readonly constant: boolean;
}

/** What makes a program harder; none of them is on by default because stored runs may refuse them. */
export const features = ["classes", "generators", "async-generators", "tdz", "using", "microtasks", "iterators", "for-await", "destructuring", "functions", "jumps", "objects", "promises"] as const;
/** What a stored run refuses, and `all` leaves out: promises of methods of classes, an iterator of the language in a variable. */
export const refusedFeatures = ["async-class-methods", "held-iterators"] as const;
export type Feature = (typeof features)[number] | (typeof refusedFeatures)[number];

// Few names, so that shadowing is frequent.
const names = ["a", "b", "c", "d", "e", "x", "y"];

class Block {
  readonly bindings = new Map<string, Binding>();
  /** Names of outer blocks used here: declaring one of them here would put those uses into its dead zone. */
  readonly used = new Set<string>();
}

interface Target {
  readonly label: string | undefined;
  readonly loop: boolean;
}

/** Facts about the function that is being written; targets are those of its own loops and labels. */
interface Body {
  readonly async: boolean;
  readonly generator: boolean;
  readonly targets: Target[];
  readonly hasThis: boolean;
  /** In a method of a class: ordinary code, whose strands could not be stored. */
  readonly ordinary?: boolean;
}

export class Scope {
  readonly random: Random;
  readonly features: ReadonlySet<Feature>;
  body: Body = { async: true, generator: false, targets: [], hasThis: false };
  /** Nesting of statements and functions; the makers choose leaves when it is high. */
  depth = 0;
  /** What is left of the size of the program. */
  budget: number;
  private blocks: Block[] = [new Block()];
  private serial = 0;

  constructor(random: Random, on: Iterable<Feature>, budget: number) {
    this.random = random;
    this.features = new Set(on);
    this.budget = budget;
  }

  has(feature: Feature): boolean {
    return this.features.has(feature);
  }

  fresh(prefix: string): string {
    return `${prefix}${++this.serial}`;
  }

  /**
   * A name for a new binding of the current block; it exists once `declare` is called.
   * @param initialiser text that would read the new binding in its dead zone, did it contain the name
   */
  newName(initialiser = ""): string {
    const block = this.blocks.at(-1) as Block;
    const dead = (name: string) => block.used.has(name) || new RegExp(`\\b${name}\\b`).test(initialiser);
    const free = names.filter((name) => !block.bindings.has(name) && (!dead(name) || (this.has("tdz") && this.random.chance(0.1))));
    return free.length > 0 ? this.random.pick(free) : this.fresh("n");
  }

  declare(name: string, kind: Kind, constant: boolean): void {
    (this.blocks.at(-1) as Block).bindings.set(name, { name, kind, constant });
  }

  /** The name of a visible binding, or undefined. */
  use(kind: Kind, assignable = false): string | undefined {
    const visible = new Map<string, Binding>();
    for (const block of this.blocks) for (const [name, binding] of block.bindings) visible.set(name, binding);
    const fitting = [...visible.values()].filter((binding) => binding.kind === kind && !(assignable && binding.constant));
    if (fitting.length === 0) return undefined;
    const { name } = this.random.pick(fitting);
    for (const block of this.blocks.toReversed()) {
      if (block.bindings.has(name)) break;
      block.used.add(name);
    }
    return name;
  }

  /** All names of the innermost blocks, for a closing trace. */
  visibleValues(): string[] {
    return [...new Set(this.random.times(1, 3, () => this.use("value")).filter((name) => name !== undefined))];
  }

  block<T>(make: () => T): T {
    this.blocks.push(new Block());
    this.depth++;
    try {
      return make();
    } finally {
      this.depth--;
      const inner = this.blocks.pop() as Block;
      const outer = this.blocks.at(-1) as Block;
      for (const name of inner.used) if (!outer.bindings.has(name)) outer.used.add(name);
    }
  }

  inFunction<T>(body: Omit<Body, "targets">, make: () => T): T {
    const outer = this.body;
    this.body = { ordinary: outer.ordinary === true, ...body, targets: [] };
    try {
      return this.block(make);
    } finally {
      this.body = outer;
    }
  }

  target<T>(target: Target, make: () => T): T {
    this.body.targets.push(target);
    try {
      return make();
    } finally {
      this.body.targets.pop();
    }
  }
}
