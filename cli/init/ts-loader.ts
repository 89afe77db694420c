// webpack's ts-loader. Behind deflow's plugin it is given compiled text, whose types are nobody's: it must not check them.
//
//   { test: /\.ts$/, use: "ts-loader" }   →   { test: /\.ts$/, use: { loader: "ts-loader", options: { transpileOnly: true } } }
//
// Or it compiles the flows itself, by the transformer in tsconfig.json, and there is no plugin: `compiler: "ts-patch/compiler"`.

import ts from "typescript";
import { type Edit, hasText } from "./script-source.ts";

export const tsLoaderLines: readonly string[] = [
  'ts-loader checks no types of compiled text: { loader: "ts-loader", options: { transpileOnly: true } }',
  'or checks those of the source, with no plugin: options: { compiler: "ts-patch/compiler" }, and the transformer in tsconfig.json',
];

/** It compiles the flows itself. */
export function isPatched(source: ts.SourceFile): boolean {
  return hasText(source, (text) => text === "ts-loader") && hasText(source, (text) => text === "ts-patch/compiler");
}

/** What keeps it from checking; undefined: it does not stand there in a way that is understood. None: it does not check. */
export function uncheckedEdits(source: ts.SourceFile): readonly Edit[] | undefined {
  const found: (readonly Edit[] | undefined)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && node.text === "ts-loader") found.push(editsAt(isResolved(node.parent) ? node.parent : node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.includes(undefined) ? undefined : found.flatMap((edits) => edits ?? []);
}

/** `require.resolve("ts-loader")` */
function isResolved(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && /^(?:import\.meta|require)\.resolve$/.test(node.expression.getText());
}

function editsAt(loader: ts.Expression, source: ts.SourceFile): readonly Edit[] | undefined {
  const { parent } = loader;
  const list = ts.isArrayLiteralExpression(parent) ? parent.parent : parent;
  if (!ts.isPropertyAssignment(list)) return undefined;
  const name = nameOf(list);
  if (name === "use") return [{ at: loader.getStart(source), text: "{ loader: " }, { at: loader.end, text: ", options: { transpileOnly: true } }" }];
  return name === "loader" && list === parent ? optionEdits(list, source) : undefined;
}

/** Of an object that has the loader and its options. */
function optionEdits(loader: ts.PropertyAssignment, source: ts.SourceFile): readonly Edit[] | undefined {
  const { properties } = loader.parent;
  const options = properties.find((each) => each.name !== undefined && nameOf(each) === "options");
  if (options === undefined) return properties.every(ts.isPropertyAssignment) ? [{ at: loader.end, text: ", options: { transpileOnly: true }" }] : undefined;
  if (!ts.isPropertyAssignment(options) || !ts.isObjectLiteralExpression(options.initializer)) return undefined;
  const given = options.initializer.properties;
  if (given.some((each) => ts.isPropertyAssignment(each) && /^(?:transpileOnly|happyPackMode)$/.test(nameOf(each)) && each.initializer.kind === ts.SyntaxKind.TrueKeyword)) return [];
  if (given.some((each) => !ts.isPropertyAssignment(each) || /^(?:transpileOnly|happyPackMode)$/.test(nameOf(each)))) return undefined;
  return [{ at: options.initializer.getStart(source) + 1, text: given.length > 0 ? " transpileOnly: true," : " transpileOnly: true " }];
}

function nameOf(property: ts.ObjectLiteralElementLike): string {
  return property.name?.getText().replaceAll(/^["']|["']$/g, "") ?? "";
}
