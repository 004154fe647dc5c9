// Everything that must hold: build, lint, types, and the tests of Node, Deno and Chromium. The last line is `N passed,
// N failed`, summed over all; build, lint, types and the like count as one each.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { installPackages, lavapipe } from "./systemPackages.mjs";

const bin = (name) => join("node_modules", ".bin", name);

/** @param traces "some" or "all": how many of the oracle's traces are run in each runtime; ends the process */
export async function everything(traces) {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const scratch = mkdtempSync(join(tmpdir(), "unmask-test-"));
  const report = join(scratch, "vitest.json");
  // Where there is no driver the runtimes start, find no adapter and say so.
  const driver = process.env["VK_ICD_FILENAMES"] ?? lavapipe();
  const environment = { UNMASK_TRACES: traces, XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] ?? scratch };
  const results = [
    packages(),
    await check("Build", process.execPath, "scripts/build.mjs"),
    // Each of these keeps one core busy.
    ...(await Promise.all([
      check("Shaders are fresh", process.execPath, "scripts/shaders.mjs", "--check"),
      check("Documentation of parameters", process.execPath, "scripts/parameters.mjs", "--check"),
      check("Lint and format", bin("biome"), "check", "--error-on-warnings", "."),
      check("Types", bin("tsc"), "-p", "tsconfig.json"),
      check("Types of the core, without DOM and Node", bin("tsc"), "-p", "tsconfig.core.json"),
      check("Types of the example page", bin("tsc"), "-p", "examples/browser/tsconfig.json"),
    ])),
    await node(report, environment, traces === "all" ? "verbose" : "default"),
    // Node's tests keep two cores busy; each of these little more than one.
    ...(await Promise.all([
      counted("Deno", [bin("deno"), "run", "-A", "test/deno/suites.ts"], {
        ...environment,
        // Without a Vulkan driver it would take OpenGL.
        DENO_WEBGPU_BACKEND: process.env["DENO_WEBGPU_BACKEND"] ?? "vulkan",
        ...(driver && { VK_ICD_FILENAMES: driver }),
      }),
      counted("Chromium", [process.execPath, "test/chromium/run.mjs"], environment),
    ])),
  ];
  rmSync(scratch, { recursive: true, force: true });
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
  process.exit(sum("failed") === 0 ? 0 : 1);
}

function packages() {
  const problem = installPackages();
  if (problem) console.error(problem);
  return problem ? { passed: 0, failed: 1 } : { passed: 1, failed: 0 };
}

/** Runs a command, whose output is shown as it comes; with `capture` it is returned too, and shown with the name before each line. */
async function run(name, [command, ...args], { environment = {}, capture = false } = {}) {
  console.log(`\n> ${name}`);
  const start = performance.now();
  const child = spawn(command, args, {
    stdio: ["ignore", capture ? "pipe" : "inherit", "inherit"],
    env: { ...process.env, ...environment },
  });
  let stdout = "";
  if (child.stdout) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      stdout += `${line}\n`;
      console.log(`${name} | ${line}`);
    });
  }
  const status = await new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(`Cannot run ${command}: ${error.message}`);
      resolve(undefined);
    });
    child.on("close", resolve);
  });
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return { ok: status === 0, stdout };
}

async function check(name, ...command) {
  return (await run(name, command, { capture: true })).ok
    ? { passed: 1, failed: 0 }
    : { passed: 0, failed: 1 };
}

/** @param shown Vitest's reporter: "verbose" tells each test as it ends, "default" a file's together */
async function node(report, environment, shown) {
  const reporters = [`--reporter=${shown}`, "--reporter=json", `--outputFile.json=${report}`];
  const { ok } = await run("Node", [bin("vitest"), "run", ...reporters], { environment });
  try {
    const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(report, "utf8"));
    // A skipped test is a failure here: nothing is left out silently.
    return { passed: numPassedTests, failed: Math.max(numTotalTests - numPassedTests, ok ? 0 : 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/** A runner that ends with `N passed, N failed`; one that does not has failed. */
async function counted(name, command, environment) {
  const { ok, stdout } = await run(name, command, { environment, capture: true });
  const counts = /(\d+) passed, (\d+) failed\s*$/.exec(stdout);
  return {
    passed: Number(counts?.[1] ?? 0),
    failed: Math.max(Number(counts?.[2] ?? 0), ok && counts ? 0 : 1),
  };
}
