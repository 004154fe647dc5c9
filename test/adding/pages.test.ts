/**
 * Follows docs/adding-a-decoder.md and docs/adding-an-op.md in a copy of the tree: adds a decoder without a kernel and without a
 * second definition, and an op, and runs the commands of the pages. test/model follows docs/adding-a-model.md.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesOf, TreeCopy } from "./treeCopy.ts";

const pageOf = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const files = ["adding-a-decoder.md", "adding-an-op.md"].flatMap((name) => filesOf(pageOf(name)));

let tree: TreeCopy;
beforeAll(() => {
  tree = new TreeCopy();
  for (const file of files) tree.apply(file);
  run("scripts/shaders.mjs");
});
afterAll(() => tree.remove());

/** Runs a script in the copy. @throws with the script's output if it fails */
function run(script: string, ...args: readonly string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const options = { cwd: tree.folder, encoding: "utf8", env } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], options);
  if (status !== 0) throw new Error(`${script} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** Runs the tests of these files with matching names. Returns the number of passed tests. @throws if a test fails */
function passing(pattern: string, ...paths: readonly string[]): number {
  const report = join(tree.folder, "report.json");
  const reporting = ["--reporter=json", `--outputFile=${report}`];
  run("node_modules/vitest/vitest.mjs", "run", ...paths, "--testNamePattern", pattern, ...reporting);
  return (JSON.parse(readFileSync(report, "utf8")) as { numPassedTests: number }).numPassedTests;
}

test("the pages contain all files that they mention", () => {
  const named = ["adding-a-decoder.md", "adding-an-op.md"].flatMap((name) =>
    [...pageOf(name).matchAll(/`?((?:src|test|shaders)\/[\w/.]*yours[\w.]*)`?/g)].map((match) => match[1]!),
  );
  const optional = ["shaders/commit/yours.wgsl"];
  const paths = files.map(({ path }) => path);
  expect(named.filter((path) => !paths.includes(path) && !optional.includes(path))).toEqual([]);
});

test("the files of the pages compile", () => {
  const paths = files.map(({ path }) => path).filter((path) => path.endsWith(".ts"));
  const config = { extends: "./tsconfig.json", files: paths, include: [] };
  tree.apply({ path: "tsconfig.pages.json", text: JSON.stringify(config) });
  run("node_modules/typescript/bin/tsc", "-p", "tsconfig.pages.json");
});

test("the tests of the pages pass", () => {
  const paths = ["src/core/decode/yours.test.ts", "test/decode", "test/cpu/conformance.test.ts"];
  // Two tests of the decoder, the tests of all decoders, and two cases of the op.
  const names = "yours|half of four|at least one|definition|unknown decoder|unique";
  expect(passing(names, ...paths)).toBeGreaterThanOrEqual(12);
});

// Slow: a build, a type check, and the suites on WebGPU.
if (process.env["UNMASK_TRACES"] === "all") {
  test("the other commands of the pages succeed, and WebGPU runs the op and rejects the decoder", {
    timeout: 600_000,
  }, () => {
    run("node_modules/typescript/bin/tsc", "-p", "tsconfig.json");
    run("scripts/build.mjs");
    run("scripts/parameters.mjs");
    expect(readFileSync(join(tree.folder, "docs/parameters.md"), "utf8")).toContain("### yours");
    expect(passing("yours", "test/webgpu/suites.test.ts")).toBeGreaterThanOrEqual(3);
  });
}
