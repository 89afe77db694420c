// The flow that an activity is when workers of a queue carry it out: a run of one step, which is the activity.
//
//   async (...args) => await pay(...args)

import { currentRun } from "../strands/current.ts";
import { activityFlow } from "../run/activities.ts";
import { operate } from "../run/operations.ts";
import { flow } from "../strands/flow.ts";
import { again, done, fail, into, stop, unknownPoint } from "../strands/strand.ts";
import { CONTRACT } from "../realm/shared.ts";

/** `place` is the line that registered the activity, as a stack has it. */
export function declareActivityRun(name: string, place: string): void {
  const id = activityFlow(name);
  const [, file = place, line = "1", column = "1"] = /([^()\s]+):(\d+):(\d+)\)?$/.exec(place) ?? [];
  const point = `step:${name}`;
  flow({ contract: CONTRACT, id, name: id, length: 0, file, points: { [point]: [Number(line), Number(column), ""] } }, async (frame) => {
    if (frame.point !== undefined && frame.point !== point) return unknownPoint(frame);
    try {
      const waits = frame.point === undefined ? stop(frame, point, operate(currentRun(id), { kind: "step", name, args: [...frame.args], attempt: 1 }), {}) : again(frame);
      const value = await waits;
      into(frame);
      done(frame, value);
    } catch (error) {
      into(frame);
      fail(frame, error);
    }
  });
}
