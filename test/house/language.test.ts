/** The language of the code and the pages, as far as a test can read it. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { filesBelow, root } from "./files.ts";

const textOf = (path: string) => readFileSync(join(root, path), "utf8");

/** Object literals spread only to keep a formatter from one property a line, by folder: folders that still have some. */
const allowedSpreads: Readonly<Record<string, number>> = {};

/** Lines with words of an idiom that hides who does what. */
const maxIdioms = 107;

test("no object literal is spread into another: one property a line", () => {
  const found = new Map<string, string[]>();
  for (const path of ["src", "test", "bench", "scripts"].flatMap((folder) =>
    filesBelow(folder, [".ts", ".mjs"]),
  )) {
    const folder = posix.dirname(path);
    const lines = spreadLiterals(path).map((line) => `${path}:${line}`);
    if (lines.length > 0) found.set(folder, [...(found.get(folder) ?? []), ...lines]);
  }
  const tooMany = [...found].filter(([folder, lines]) => lines.length > (allowedSpreads[folder] ?? 0));
  expect(tooMany.flatMap(([, lines]) => lines)).toEqual([]);
  const stale = Object.keys(allowedSpreads).filter((folder) => !found.has(folder));
  expect(stale, "folders without any leave the list").toEqual([]);
});

test("a spread literal is found, and no other spread", () => {
  const text = "const a = { ...{ b: 1 }, ...c, ...(d && { e: 2 }) }; // ...{ f }";
  expect(spreadLiterals("a.ts", text)).toEqual([1]);
});

test("few sentences say who is told, who asked, and so many of what", () => {
  const pages = [
    ...filesBelow("src", [".ts"]),
    ...filesBelow("shaders", [".wgsl"]),
    ...filesBelow("docs", [".md"]),
  ];
  const lines = ["README.md", ...pages]
    // In tests, `asked` and `told` are names of values more often than prose.
    .filter((path) => !path.endsWith(".generated.ts") && !path.endsWith(".test.ts"))
    .flatMap((path) =>
      textOf(path)
        .split("\n")
        .map((line, at) => `${path}:${at + 1}: ${line.trim()}`),
    )
    .filter((line) => /\b(told|asked|so many)\b/i.test(line));
  // The rule is five; the maximum comes down to it, and does not go up.
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
