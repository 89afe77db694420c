// {"$iw": [cursor, iterator, next, done]}: the iteration of a `for await`, at a stop in it.

import type { Json, Kind } from "../../codec/kind.ts";
import { via } from "../../codec/kind.ts";
import { listPayload } from "../../codec/fields.ts";
import { AsyncCursor } from "../../values/cursors/async.ts";
import { cursorOf, objectOf } from "./cursor.ts";

export const asyncCursorKind: Kind<AsyncCursor> = {
  tag: "$iw",
  prototypes: [AsyncCursor.prototype],
  encode: ({ cursor, iterator, next, done }, write) => [
    write(cursor, via(".cursor")), write(iterator, via(".iterator")), write(next, via(".next")), done,
  ],
  create: () => new AsyncCursor(undefined, undefined, undefined),
  fill(made, payload, read) {
    const [cursor, iterator, next, done] = listPayload(payload) as [Json, Json, Json, boolean];
    const position = read(cursor, via(".cursor"));
    made.cursor = position === undefined ? undefined : cursorOf(position);
    made.iterator = read(iterator, via(".iterator"));
    made.next = read(next, via(".next"));
    if (made.cursor === undefined) objectOf(made.iterator);
    made.done = done === true;
  },
};
