/**
 * Follows docs/adding-an-op.md and the two stages of docs/adding-a-decoder.md in a copy of the tree: adds an op and a decoder,
 * then the decoder's kernel, and runs the commands of the pages. test/model follows docs/adding-a-model.md.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesOf, type PageFile, TreeCopy } from "./treeCopy.ts";

const pageOf = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const decoderPage = pageOf("adding-a-decoder.md");
const opPage = pageOf("adding-an-op.md");
const kernelAt = decoderPage.indexOf("## In the repository: the decoder's kernel");
const firstFiles = filesOf(decoderPage.slice(0, kernelAt) + opPage);
const kernelFiles = filesOf(decoderPage.slice(kernelAt));
const paths = [...firstFiles, ...kernelFiles].map(({ path }) => path);

let tree: TreeCopy;
beforeAll(() => {
  tree = new TreeCopy();
  apply(firstFiles);
});
afterAll(() => tree.remove());

/** Writes files of a page, and what is generated from shaders and kernels. */
function apply(files: readonly PageFile[]): void {
  for (const file of files) tree.apply(file);
  run("scripts/shaders.mjs");
  if (files.some(({ path }) => path.startsWith("assembly/"))) run("scripts/kernels.mjs");
}

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
  // The CUDA twins of kernels are named, and not given.
  const named = [
    ...(decoderPage + opPage).matchAll(/(?<!native\/)\b((?:src|test|shaders|assembly)\/[\w/.]*yours[\w.]*)/g),
  ];
  expect(named.map((match) => match[1]!).filter((path) => !paths.includes(path))).toEqual([]);
});

test("the tests of the pages pass", () => {
  const tests = [
    "src/core/decode/yours.test.ts",
    "test/decode/properties.test.ts",
    "test/cpu/conformance.test.ts",
    "test/wasm/suites.test.ts",
  ];
  // Three tests of the decoder, those of every built-in decoder on it, and cases of the op on each backend.
  const names = "yours|half of four|at least one|^has the properties|unknown decoder|unique";
  expect(passing(names, ...tests)).toBeGreaterThanOrEqual(16);
});

/** Slow tests: a build, a type check of everything, and the suites on WebGPU. */
const isThorough = process.env["UNMASK_TRACES"] === "all";

if (isThorough) {
  test("before its kernel, the decoder is refused where WebGPU must decide", { timeout: 600_000 }, () => {
    expect(passing("yours, which has no kernel", "test/webgpu/suites.test.ts")).toBe(1);
  });
}

test("the tests of the kernel's stage pass", () => {
  apply(kernelFiles);
  const tests = ["test/decode/references.test.ts", "src/backends/webgpu/deviceDecoders.test.ts"];
  const onGpu = ["test/webgpu/compile.test.ts", "test/webgpu/suites.test.ts"];
  // The second definition, the kernel's parameters, its shader, that of the op, and the kernel beside the host.
  expect(passing("yours(?!, width)|that of a built-in decoder", ...tests, ...onGpu)).toBeGreaterThanOrEqual(
    6,
  );
});

test("the files of the pages compile", () => {
  const files = [...new Set(paths)].filter((path) => path.endsWith(".ts") && !path.startsWith("assembly/"));
  const config = { extends: "./tsconfig.json", files, include: [] };
  tree.apply({ path: "tsconfig.pages.json", text: JSON.stringify(config) });
  run("node_modules/typescript/bin/tsc", "-p", "tsconfig.pages.json");
});

if (isThorough) {
  test("the other commands of the pages succeed, and WebGPU runs the op", { timeout: 600_000 }, () => {
    run("node_modules/typescript/bin/tsc", "-p", "tsconfig.json");
    run("scripts/build.mjs");
    run("scripts/parameters.mjs");
    expect(readFileSync(join(tree.folder, "docs/parameters.md"), "utf8")).toContain("### yours");
    expect(passing("yours, width", "test/webgpu/suites.test.ts")).toBeGreaterThanOrEqual(2);
  });
}
