// All checks: build, lint, types, and the tests under Node, Deno and Chromium. The last line is `N passed, N failed`,
// summed over all; build, lint, types and similar checks count as one each.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { installPackages, lavapipe } from "./systemPackages.mjs";

const bin = (name) => join("node_modules", ".bin", name);

/**
 * Runs all checks and exits the process.
 * @param traces "some" or "all" of the oracle's traces in each runtime
 */
export async function everything(traces) {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const scratch = mkdtempSync(join(tmpdir(), "unmask-test-"));
  const report = join(scratch, "vitest.json");
  // Without a driver the runtimes start and report that they find no adapter.
  const driver = process.env["VK_ICD_FILENAMES"] ?? lavapipe();
  const environment = { UNMASK_TRACES: traces, XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] ?? scratch };
  const results = [
    packages(),
    await check("Build", process.execPath, "scripts/build.mjs"),
    await check("Native build", process.execPath, "scripts/buildNative.mjs"),
    // Each of these uses one core.
    ...(await Promise.all([
      check("Shaders are fresh", process.execPath, "scripts/shaders.mjs", "--check"),
      check("Kernels are fresh", process.execPath, "scripts/kernels.mjs", "--check"),
      check("Documentation of parameters", process.execPath, "scripts/parameters.mjs", "--check"),
      check("Documentation of costs", process.execPath, "scripts/webgpuCosts.mjs", "--check"),
      check("Lint and format", bin("biome"), "check", "--error-on-warnings", "."),
      check("Types", bin("tsc"), "-p", "tsconfig.json"),
      check("Types of the core, without DOM and Node", bin("tsc"), "-p", "tsconfig.core.json"),
      check("Types of what a page imports, without Node", bin("tsc"), "-p", "tsconfig.browser.json"),
      check("Types of the example page", bin("tsc"), "-p", "examples/browser/tsconfig.json"),
      check("Types of the page", bin("tsc"), "-p", "demo"),
    ])),
    ...(traces === "all"
      ? [await counted("Memory of CUDA kernels", [process.execPath, "scripts/checkMemory.mjs"], environment)]
      : []),
    await node(report, environment, traces === "all" ? "verbose" : "default"),
    // Node's tests use two cores, so they run alone; each of these uses little more than one.
    ...(await Promise.all([
      counted("Deno", [bin("deno"), "run", "-A", "test/deno/suites.ts"], {
        ...environment,
        // By default Deno falls back to OpenGL if there is no Vulkan driver.
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

/** Runs a command and shows its output. With `capture` it prefixes each line with the name, and also returns the output. */
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

/** Runs Vitest. @param reporter "verbose" prints each test when it ends, "default" each file */
async function node(report, environment, reporter) {
  const reporters = [`--reporter=${reporter}`, "--reporter=json", `--outputFile.json=${report}`];
  const { ok } = await run("Node", [bin("vitest"), "run", ...reporters], { environment });
  try {
    const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(report, "utf8"));
    // A skipped test counts as failed.
    return { passed: numPassedTests, failed: Math.max(numTotalTests - numPassedTests, ok ? 0 : 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/** Runs a command whose last line is `N passed, N failed`. Without that line it counts as failed. */
async function counted(name, command, environment) {
  const { ok, stdout } = await run(name, command, { environment, capture: true });
  const counts = /(\d+) passed, (\d+) failed\s*$/.exec(stdout);
  return {
    passed: Number(counts?.[1] ?? 0),
    failed: Math.max(Number(counts?.[2] ?? 0), ok && counts ? 0 : 1),
  };
}
