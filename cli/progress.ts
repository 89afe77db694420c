// A bar while a long command is at work: on a terminal alone, on standard error, and gone when it is over.

import { SingleBar } from "cli-progress";

interface Bar {
  /** So many of the whole are done; `figures`: what its text names in braces. */
  to(done: number, figures: { readonly [name: string]: number }): void;
  end(): void;
}

/** Of `total` things. `text` names them, and figures in braces, which are 0 at first. No `screen`: nobody watches. */
export function barOf(screen: NodeJS.WriteStream | undefined, total: number, text: string): Bar {
  if (screen === undefined) return { to() {}, end() {} };
  const bar = new SingleBar({ stream: screen, format: `{bar} {value} of {total} ${text}, {duration_formatted}`, clearOnComplete: true, hideCursor: true });
  bar.start(total, 0, Object.fromEntries([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, 0])));
  return { to: (done, figures) => bar.update(done, figures), end: () => bar.stop() };
}

/** How many files take long enough to be watched. */
const MANY = 200;

/** Does something with each, with a bar where they are many. */
export function eachFile<T>(screen: NodeJS.WriteStream | undefined, files: readonly T[], done: string, work: (file: T) => void): void {
  const bar = barOf(files.length < MANY ? undefined : screen, files.length, `files ${done}`);
  try {
    for (const [i, file] of files.entries()) {
      work(file);
      bar.to(i + 1, {});
    }
  } finally {
    bar.end();
  }
}
