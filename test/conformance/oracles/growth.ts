// Growth: a loop that stops many times has frames of one size. Stops at the same place are compared, the later ones with the first
// of them; a number counts as one digit, however long it is. One frame may be larger, as when a loop comes to its end.
//
// Data may grow by what the program does: only programs are judged that keep none which grows, those of fixtures/hazards/growth, which say so.

import { objection, type Oracle } from "./oracle.ts";

/** Of the stops at one place: the first ones may be about filling what is then full; these come next. */
const settled = { from: 6, to: 16 };

/** How many stops a place must have to be judged. */
const enough = 30;

export const growth: Oracle = {
  name: "growth",
  async run(drive, { program }) {
    if (!program.hazard.startsWith("growth: ")) return drive();
    const sizes = new Map<string, number[]>();
    const run = await drive({
      stored({ frame }, { strands }) {
        const [first] = strands;
        const place = first === undefined ? "" : `${first.meta.id} ${String(first.point)}`;
        const size = frame.replace(/\d+/g, "0").length;
        sizes.set(place, [...(sizes.get(place) ?? []), size]);
      },
    });
    const grown = [...sizes].find(([, each]) => grows(each));
    return grown === undefined ? run : objection(run, `the frames at ${grown[0]} grow: ${grown[1].join(" ")}`);
  },
};

function grows(sizes: readonly number[]): boolean {
  if (sizes.length < enough) return false;
  const late = sizes.slice(-sizes.length / 3).toSorted((a, b) => a - b);
  return (late[Math.floor(late.length / 2)] as number) > Math.max(...sizes.slice(settled.from, settled.to));
}
