// {"$gen": {"of": function, "point": id, "locals": {…}, "delegate": cursor, "self": v}}: a generator made in a flow. One that has
// not begun has `args` in place of a point, one that is over has only its function.

import { type Kind, refuse, via } from "../../codec/kind.ts";
import { objectPayload } from "../../codec/fields.ts";
import { Activation, Generator, generatorObject, newMaker } from "../../values/generators/generator.ts";
import { START } from "../../values/generators/machine.ts";
import { cursorOf } from "./cursor.ts";
import { fitPosition, readOwner, readPosition, writeOwner, writePosition } from "./generator-frame.ts";

const maker = newMaker();

export const generatorKind: Kind = {
  tag: "$gen",
  test: (value) => Generator.of(value) !== undefined,
  encode(object, write) {
    const activation = Generator.of(object) as Activation;
    if (activation.state === "running") refuse("a generator that is running");
    const payload = writeOwner(object, activation, write);
    if (activation.state !== "over") writePosition(activation, payload, write);
    if (activation.delegate !== undefined) payload["delegate"] = write(activation.delegate, via(".delegate"));
    return payload;
  },
  create: () => generatorObject(maker),
  fill(object, payload, read) {
    const fields = objectPayload(payload);
    const { callee, entry, env } = readOwner(fields, false, read);
    const activation = new Activation(entry, env, callee, undefined, []);
    if ("point" in fields || "args" in fields) readPosition(activation, fields, read);
    activation.state = stateOf(activation, "args" in fields);
    if (fields["delegate"] !== undefined) activation.delegate = cursorOf(read(fields["delegate"], via(".delegate")));
    Object.setPrototypeOf(object, callee.prototype as object);
    Generator.give(object, activation);
  },
  finish: (object, payload) => fitPosition(Generator.of(object) as Activation, objectPayload(payload)),
};

function stateOf({ point }: Activation, hasArguments: boolean): Activation["state"] {
  if (point === undefined) return hasArguments ? "started" : "over";
  return point === START ? "started" : "yielded";
}
