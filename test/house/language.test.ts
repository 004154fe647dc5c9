/** The language of the code and the pages, as far as a test can read it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { filesBelow, root } from "./files.ts";

const textOf = (path: string) => readFileSync(join(root, path), "utf8");

/** Maximum lines with idioms that hide the subject of a sentence. */
const maxIdioms = 5;

test("no object literal is spread into another: one property a line", () => {
  const paths = ["src", "test", "bench", "scripts"].flatMap((folder) => filesBelow(folder, [".ts", ".mjs"]));
  expect(paths.flatMap((path) => spreadLiterals(path).map((line) => `${path}:${line}`))).toEqual([]);
});

test("a spread literal is found, and no other spread", () => {
  const text = "const a = { ...{ b: 1 }, ...c, ...(d && { e: 2 }) }; // ...{ f }";
  expect(spreadLiterals("a.ts", text)).toEqual([1]);
});

test("subjects are nouns: hardly a line has told, asked or so many", () => {
  const pages = [
    ...filesBelow("src", [".ts"]),
    ...filesBelow("shaders", [".wgsl"]),
    ...filesBelow("docs", [".md"]),
  ];
  const lines = ["README.md", ...pages]
    .filter((path) => !path.endsWith(".generated.ts"))
    .flatMap((path) =>
      textOf(path)
        .split("\n")
        .map((line, at) => `${path}:${at + 1}: ${line.trim()}`),
    )
    .filter((line) => /\b(told|asked|so many)\b/i.test(line));
  expect(lines.length, lines.join("\n")).toBeLessThanOrEqual(maxIdioms);
});

/** The lines on which an object literal is spread into another. */
function spreadLiterals(path: string, text = textOf(path)): readonly number[] {
  if (!/\.\.\.\s*\{/.test(text)) return [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const lines: number[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isSpreadAssignment(node) && ts.isObjectLiteralExpression(node.expression)) {
      lines.push(file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return lines;
}
