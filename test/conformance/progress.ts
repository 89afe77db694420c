// How far a long run is: a bar on a terminal, elsewhere a line now and then, both on stderr.

import { SingleBar } from "cli-progress";
import type { Tally } from "./tally.ts";

const lineEach = 15_000;

export class Progress {
  private readonly bar: SingleBar | undefined;
  private readonly total: number;
  private readonly tally: Tally;
  private readonly started = Date.now();
  private done = 0;
  private told = Date.now();

  /** @param total how many programs are still to run. */
  constructor(total: number, tally: Tally) {
    this.total = total;
    this.tally = tally;
    if (!process.stderr.isTTY) return;
    this.bar = new SingleBar({ format: "{bar} {value}/{total} {rate}/s, {left} left, {wrong} wrong, {refused} refused", stream: process.stderr });
    this.bar.start(total, 0, this.figures());
  }

  step(): void {
    this.done++;
    this.bar?.update(this.done, this.figures());
    if (this.bar !== undefined || Date.now() - this.told < lineEach) return;
    this.told = Date.now();
    const { rate, left, wrong, refused } = this.figures();
    process.stderr.write(`${this.done}/${this.total} programs, ${rate}/s, ${left} left, ${wrong} wrong, ${refused} refused\n`);
  }

  stop(): void {
    this.bar?.stop();
  }

  private figures(): { rate: string; left: string; wrong: number; refused: string } {
    const perSecond = this.done / Math.max(0.001, (Date.now() - this.started) / 1000);
    const left = perSecond === 0 ? 0 : Math.round((this.total - this.done) / perSecond);
    return { rate: perSecond.toFixed(1), left: `${Math.floor(left / 60)} min ${left % 60} s`, wrong: this.tally.wrong, refused: this.tally.refusedShare };
  }
}
