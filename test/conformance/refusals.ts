// The errors by which the runtime says that it does not do something. A run that met one is refused, whatever the program made
// of it; any other coded error in a program is a wrong result.

import { type Code, table } from "../../runtime/errors/table.ts";

/** Thrown into programs, which may catch them. A method of a class is ordinary code: after its first await it is in no run. */
const thrown: readonly Code[] = ["HELD_BY_ORDINARY_CODE", "NOT_IN_RUN"];

export const refusals: ReadonlySet<string> = new Set<Code>([...thrown, "NOT_SERIALIZABLE", "TOO_LARGE"]);

type Told = (code: string, message: string) => void;

let told: Told | undefined;

/** Tells from now on of each such error of this realm's runtime as it is made. */
export function tellRefusals(listener: Told): void {
  if (told === undefined) for (const code of thrown) listenTo(code);
  told = listener;
}

function listenTo(code: Code): void {
  const entry: { readonly message: (details: never) => string } = table[code];
  const { message } = entry;
  const value = (details: never): string => {
    const text = message(details);
    told?.(code, text);
    return text;
  };
  Object.defineProperty(entry, "message", { value });
}
