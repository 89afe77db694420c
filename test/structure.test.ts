// The shape of the code, held by tests: which way imports point, where time and chance come from, how long a file is, and
// that everything with a code is explained and exercised.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { codes } from "../compiler/diagnostics/table.ts";
import { table } from "../runtime/errors/table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Files over 400 lines, each with its reason. */
const longer: Record<string, string> = {
  "runtime/store.ts": "one contract, whose laws and fields stand in one place and are each said",
};

/** The package's only outside imports, by the files that may have them. */
const dependencies: readonly (readonly [files: RegExp, names: readonly string[]])[] = [
  [/^runtime\/stores\/sqlite/, ["better-sqlite3"]],
  [/^runtime\/stores\/postgres\//, ["pg"]],
  [/^runtime\/testing\//, ["vitest"]],
  [/^compiler\//, ["typescript"]],
  [/^compiler\/adapters\/unplugin/, ["unplugin"]],
  [/^compiler\/adapters\/jest/, ["@jridgewell/remapping"]],
  [/^cli\//, ["cli-progress", "commander", "diff", "jsonc-parser", "picocolors", "typescript"]],
];

interface Module {
  readonly path: string;
  readonly text: string;
  readonly file: ts.SourceFile;
  /** Repository paths for relative imports, names for the rest. */
  readonly imports: readonly string[];
}

function walk(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name).replaceAll("\\", "/"))
    .filter((path) => !path.includes("node_modules/"));
}

const isSource = (path: string): boolean => /\.[cm]?tsx?$/.test(path) && !/\.test\.ts$/.test(path);

function read(path: string): Module {
  const text = readFileSync(join(root, path), "utf8");
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) =>
    fileName.startsWith(".") ? relative(root, join(root, dirname(path), fileName)).replaceAll("\\", "/") : fileName);
  return { path, text, file, imports };
}

/** The files whose values, and not only types, a file imports or hands on. */
function valueImports(path: string, file: ts.SourceFile): string[] {
  return file.statements.flatMap((statement) => {
    if (!(ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) || !statement.moduleSpecifier || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const names = ts.isImportDeclaration(statement) ? statement.importClause : statement;
    const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
    const typesOnly = names?.isTypeOnly === true || (bindings !== undefined && "elements" in bindings && bindings.elements.every((element) => "isTypeOnly" in element && element.isTypeOnly));
    return typesOnly || !statement.moduleSpecifier.text.startsWith(".") ? [] : [relative(root, join(root, dirname(path), statement.moduleSpecifier.text)).replaceAll("\\", "/")];
  });
}

const modules = ["compiler", "runtime", "cli"].flatMap(walk).filter(isSource).map(read);
const tests = walk("test").filter((path) => isSource(path) || path.endsWith(".test.ts")).map((path) => readFileSync(join(root, path), "utf8"))
  .concat(walk("runtime").concat(walk("compiler")).filter((path) => path.endsWith(".test.ts")).map((path) => readFileSync(join(root, path), "utf8")));

/** Every node of a module that `is` accepts, as `path:line`. */
function places({ path, file }: Module, is: (node: ts.Node) => boolean): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (is(node)) found.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe("imports", () => {
  const crossing = (from: RegExp, to: RegExp): string[] =>
    modules.filter(({ path }) => from.test(path)).flatMap(({ path, imports }) => imports.filter((name) => to.test(name)).map((name) => `${path} imports ${name}`));

  test("compiler and runtime do not know each other", () => {
    expect(crossing(/^compiler\//, /^(?:runtime|cli)\/|^deflow/)).toEqual([]);
    expect(crossing(/^runtime\//, /^(?:compiler|cli)\/|^deflow/)).toEqual([]);
  });

  test("passes import only from passes before them", () => {
    const number = (path: string): number => Number(/^compiler\/passes\/(\d+)-/.exec(path)?.[1] ?? Number.NaN);
    const forward = modules.flatMap(({ path, imports }) => imports.filter((name) => number(name) > number(path)).map((name) => `${path} imports ${name}`));
    expect(forward).toEqual([]);
    expect(crossing(/^compiler\/passes\//, /^compiler\/(?:compile\.ts|index\.ts|adapters\/|report\.ts)/)).toEqual([]);
  });

  test("the runtime's folders import values only from those before them", () => {
    const order = [["errors"], ["realm"], ["codec"], ["strands", "promises", "values", "run", "record", "versions", "api"], ["turn", "patterns"], ["stores", "dispatchers"], ["engine"], ["http"], ["testing"]];
    const rank = (path: string): number => order.findIndex((folders) => folders.includes(/^runtime\/([a-z]+)\//.exec(path)?.[1] ?? ""));
    const folders = readdirSync(join(root, "runtime"), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(folders.filter((name) => !order.flat().includes(name))).toEqual([]);
    const inner = modules.filter(({ path }) => rank(path) >= 0);
    expect(inner.flatMap(({ path, file }) => valueImports(path, file).filter((name) => rank(name) > rank(path)).map((name) => `${path} imports ${name}`))).toEqual([]);
  });

  test("the runtime's core has no dependency, and the rest only those that are listed", () => {
    const allowed = (path: string, name: string): boolean => dependencies.some(([files, names]) => files.test(path) && names.some((own) => name === own || name.startsWith(`${own}/`)));
    const outside = modules.flatMap(({ path, imports }) =>
      imports.filter((name) => !name.startsWith("node:") && !/^(?:compiler|runtime|cli)\//.test(name) && !allowed(path, name)).map((name) => `${path} imports ${name}`));
    expect(outside).toEqual([]);
  });

  test("only the command line writes files: no build, however partial or parallel, can change a lock", () => {
    const writes = /\b(?:writeFile|appendFile|createWriteStream|rename|copyFile|unlink|rm|mkdir|truncate|symlink|link)(?:Sync)?\b|\bfs\.|sys\.writeFile/;
    const files = modules.filter(({ path, imports }) => path.startsWith("compiler/") && (imports.some((name) => /^(?:node:)?fs/.test(name)) || path.startsWith("compiler/adapters/")));
    expect(files.map(({ path }) => path)).toContain("compiler/lock/nearest.ts");
    expect(files.flatMap(({ path, file }) => file.statements.flatMap((statement) => (writes.test(statement.getText()) ? [`${path}: ${writes.exec(statement.getText())?.[0] ?? ""}`] : [])))).toEqual([]);
  });

  test("what emitted code imports does not bring in stores or the engine", () => {
    const reached = new Set<string>();
    const reach = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const name of modules.find((module) => module.path === path)?.imports ?? []) reach(name);
    };
    reach("runtime/internal.ts");
    expect([...reached].filter((path) => /^runtime\/(?:stores|engine)\//.test(path))).toEqual([]);
  });
});

describe("time and chance are injected", () => {
  const outsideClock = modules.filter(({ path }) => path.startsWith("runtime/") && path !== "runtime/realm/clock.ts");
  const isCallOf = (node: ts.Node, names: readonly string[]): boolean => ts.isPropertyAccessExpression(node) && names.includes(node.getText());
  const isName = (node: ts.Node, names: readonly string[]): boolean =>
    ts.isIdentifier(node) && names.includes(node.text) && !ts.isPropertyAccessExpression(node.parent) && !ts.isTypeQueryNode(node.parent);

  test("nothing outside clock.ts reads the system's clock or chance", () => {
    const isNow = (node: ts.Node): boolean => ts.isNewExpression(node) && node.expression.getText() === "Date" && (node.arguments?.length ?? 0) === 0;
    expect(outsideClock.flatMap((m) => places(m, (node) => isNow(node) || isCallOf(node, ["Date.now", "Math.random", "performance.now"])))).toEqual([]);
  });

  test("nothing outside clock.ts sets a timer", () => {
    expect(outsideClock.flatMap((m) => places(m, (node) => isName(node, ["setTimeout", "setInterval"])))).toEqual([]);
  });
});

describe("files", () => {
  test("have at most 400 lines, or a reason in the list above", () => {
    const long = modules.filter(({ text }) => text.split("\n").length > 401).map(({ path }) => path);
    expect(long.filter((path) => !(path in longer))).toEqual([]);
    expect(Object.keys(longer).filter((path) => !long.includes(path))).toEqual([]);
  });

  test("are the project's own: a merge would put a tracked node_modules in the place of the installed one", () => {
    if (!existsSync(join(root, ".git"))) return;
    expect(execFileSync("git", ["ls-files", "node_modules"], { cwd: root, encoding: "utf8" })).toBe("");
  });

  test("begin with a comment that says what they are for", () => {
    expect(modules.filter(({ text }) => !/^(?:#!.*\n)?\/[/*]/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test("stand in folders that each say what they are for; a folder of cases is explained by the one above", () => {
    const folders = ["compiler", "runtime", "cli", "test"].flatMap((top) => [...new Set(walk(top).filter((path) => /\.[cm]?[jt]sx?$/.test(path)).map(dirname))]);
    expect(folders.length).toBeGreaterThan(50);
    expect([...folders, "fixtures"].filter((folder) => !existsSync(join(root, folder, "README.md")))).toEqual([]);
    const fixtures = readFileSync(join(root, "fixtures/README.md"), "utf8");
    expect(readdirSync(join(root, "fixtures")).filter((name) => name !== "README.md" && !fixtures.includes(`| \`${name}\` |`))).toEqual([]);
  });

  test("are named for a subject", () => {
    const attics = /(?:^|\/)(?:utils?|helpers?|common|misc|lib|types\.ts)(?:\/|\.ts$|$)/;
    expect(["compiler", "runtime", "cli", "test"].flatMap(walk).filter((path) => attics.test(path))).toEqual([]);
  });

  test("export names, never everything of another file", () => {
    expect(modules.flatMap((m) => places(m, (node) => ts.isExportDeclaration(node) && !node.exportClause))).toEqual([]);
  });

  test("have no `any` in their types", () => {
    expect(modules.flatMap((m) => places(m, (node) => node.kind === ts.SyntaxKind.AnyKeyword))).toEqual([]);
  });
});

describe("codes", () => {
  const mentioned = (code: string): boolean => tests.some((text) => text.includes(code)) || walk("fixtures/errors").some((path) => path.includes(code));
  const className = (code: string): string => `${code.toLowerCase().replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())}Error`;

  test("each diagnostic has a page", () => {
    expect(codes.filter((code) => !existsSync(join(root, `compiler/diagnostics/${code}.md`)))).toEqual([]);
  });

  test("each diagnostic has a fixture or a test", () => {
    expect(codes.filter((code) => !mentioned(code))).toEqual([]);
  });

  test("each error has a page", () => {
    expect(Object.keys(table).filter((code) => !existsSync(join(root, `runtime/errors/${code}.md`)))).toEqual([]);
  });

  test("each error has a test", () => {
    expect(Object.keys(table).filter((code) => !mentioned(code) && !mentioned(className(code)))).toEqual([]);
  });

  test("no page is left of a code that is gone", () => {
    const pages = [...walk("compiler/diagnostics"), ...walk("runtime/errors")].filter((path) => path.endsWith(".md")).map((path) => path.replace(/^.*\/|\.md$/g, ""));
    expect(pages.filter((page) => page !== "README" && !(codes as readonly string[]).includes(page) && !(page in table))).toEqual([]);
  });
});

describe("docs", () => {
  // typedoc holds the exported names themselves to it: see typedoc.json.
  test("each option that is public, and each field of what a store is given, says what it is", () => {
    const { config } = ts.readConfigFile(join(root, "typedoc.json"), ts.sys.readFile) as { config: { entryPoints: string[] } };
    const isEntry = (path: string): boolean => config.entryPoints.includes(path);
    const exported = new Set(modules.filter(({ path }) => isEntry(path)).flatMap(({ file }) => file.statements.flatMap((statement) =>
      (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause) ? statement.exportClause.elements.map(({ name }) => name.text) : []))));
    const isPublic = ({ path }: Module, name: string): boolean => !path.startsWith("cli/") && (isEntry(path) || exported.has(name));
    const members = (m: Module): readonly ts.PropertySignature[] => m.file.statements.flatMap((statement) => {
      if (!ts.isInterfaceDeclaration(statement) || !isPublic(m, statement.name.text)) return [];
      return m.path === "runtime/store.ts" || /.(?:Options|Query)$/.test(statement.name.text) ? statement.members.filter(ts.isPropertySignature) : [];
    });
    const held = modules.flatMap((m) => members(m).map((member) => ({ place: `${m.path}: ${member.name.getText()}`, told: ts.getJSDocCommentsAndTags(member).length > 0 })));
    expect(held.length).toBeGreaterThan(200);
    expect(held.filter(({ told }) => !told).map(({ place }) => place)).toEqual([]);
  });
});
