// Everything that must hold, in one command: build, lint, types, Node tests, Deno tests. The last line is
// `N passed, N failed`, summed over all runners; lint, types and build count as one each.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), "unmask-test-"));
let passed = 0;
let failed = 0;

function run(name, command, ...args) {
  console.log(`\n> ${name}`);
  const { status, error, stdout } = spawnSync(command, args, {
    stdio: ["ignore", name === "Deno" ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
  });
  if (error) console.error(`Cannot run ${command}: ${error.message}`);
  return { ok: status === 0, stdout: stdout ?? "" };
}
function check(name, command, ...args) {
  if (run(name, command, ...args).ok) passed++;
  else failed++;
}

const bin = (name) => join("node_modules", ".bin", name);
check("Build", process.execPath, "scripts/build.mjs");
check("Documentation of parameters", process.execPath, "scripts/parameters.mjs", "--check");
check("Lint and format", bin("biome"), "check", "--error-on-warnings", ".");
check("Types", bin("tsc"), "-p", "tsconfig.json");
check("Types of the core, without DOM and Node", bin("tsc"), "-p", "tsconfig.core.json");

const report = join(scratch, "vitest.json");
const node = run(
  "Node",
  bin("vitest"),
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
);
try {
  const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(report, "utf8"));
  passed += numPassedTests;
  // A skipped test is a failure here: nothing is left out silently.
  failed += Math.max(numFailedTests + (numTotalTests - numPassedTests - numFailedTests), node.ok ? 0 : 1);
} catch {
  failed++;
}

const deno = run("Deno", bin("deno"), "run", "-A", "test/deno/suites.ts");
process.stdout.write(deno.stdout);
const counts = /(\d+) passed, (\d+) failed\s*$/.exec(deno.stdout);
passed += Number(counts?.[1] ?? 0);
failed += Math.max(Number(counts?.[2] ?? 0), deno.ok && counts ? 0 : 1);

rmSync(scratch, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
