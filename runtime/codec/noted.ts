// What a text names while it is written: classes, functions, flows. Whoever gathers them knows what code is needed to read it again. Encoding
// is synchronous, so one variable is enough.

let noted: Set<string> | undefined;

/** Gathers in `names` what is noted while `write` encodes. */
export function noting<T>(names: Set<string> | undefined, write: () => T): T {
  const outer = noted;
  noted = names;
  try {
    return write();
  } finally {
    noted = outer;
  }
}

/** One line: `external db`. */
export function note(line: string): void {
  noted?.add(line);
}

/** `kind` and the name, which may be any text. */
export function noteName(kind: string, name: string): void {
  if (noted !== undefined) noted.add(`${kind} ${word(name)}`);
}

/** A name as a word of a line, which has blanks between them. */
export function word(name: string): string {
  return name.replace(/[\s%]/gu, encodeURIComponent);
}
