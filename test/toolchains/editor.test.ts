// The plugin of editors, over the protocol of tsserver: diagnostics where the author wrote, and what an `await` keeps.

import { spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixtureFile, Project } from "./project.ts";

interface Answer {
  readonly type: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  readonly body?: unknown;
}

/** Asks one server, one question after another. */
async function asked(project: Project, questions: readonly (readonly [command: string, args: object])[]): Promise<unknown[]> {
  const server = spawn(process.execPath, [join(project.modules, "typescript/lib/tsserver.js"), "--pluginProbeLocations", project.folder, "--disableAutomaticTypingAcquisition"], { cwd: project.folder, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const answers = new Map<number, (answer: Answer) => void>();
  let text = "";
  server.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = text.slice(0, end).trim();
      text = text.slice(end + 1);
      if (!line.startsWith("{")) continue;
      const answer = JSON.parse(line) as Answer;
      if (answer.type === "response") answers.get(answer.request_seq as number)?.(answer);
    }
  });
  const found: unknown[] = [];
  for (const [i, [command, args]] of questions.entries()) {
    const answer = new Promise<Answer>((resolve) => answers.set(i, resolve));
    server.stdin.write(`${JSON.stringify({ seq: i, type: "request", command, arguments: args })}\n`);
    if (command === "open") continue;
    const { body, success, message } = await answer;
    found.push(success === true ? body : message);
  }
  server.stdin.end();
  await ended;
  return found;
}

test.each(["5.9+3.3", "6.0+4.0"] as const)("TypeScript of %s shows diagnostics, and what is kept at an await", async (bench) => {
  const project = new Project(bench, "tsc");
  project.edit("tsconfig.json", '{ "transform":', '{ "name": "deflow/language-service", "transform":');
  cpSync(fixtureFile("typed.ts"), project.path("src/typed.ts"));
  const file = project.path("src/typed.ts");
  const [diagnostics, kept, other] = await asked(project, [
    ["open", { file }],
    ["semanticDiagnosticsSync", { file }],
    ["quickinfo", { file, line: 8, offset: 20 }],
    ["quickinfo", { file, line: 8, offset: 10 }],
  ]);
  expect(diagnostics).toEqual([
    expect.objectContaining({ start: { line: 6, offset: 9 }, end: { line: 6, offset: 13 }, code: 990_501, category: "error", text: expect.stringMatching(/^DF501: `seen` is a `WeakMap`[^]*Fix: /) as string }),
    expect.objectContaining({ start: { line: 7, offset: 3 }, end: { line: 7, offset: 7 }, code: 990_504, category: "warning", text: expect.stringMatching(/^DF504: /) as string }),
  ]);
  expect(kept).toMatchObject({
    start: { line: 8, offset: 18 }, end: { line: 8, offset: 23 },
    displayString: "await listen:decision\nkept: {\n  names: string[];\n  given: any;\n  seen: WeakMap<object, string>;\n}",
    documentation: "The run stops here, and is stored with what is kept.",
  });
  expect(other).toMatchObject({ displayString: "const answer: unknown" });
});
