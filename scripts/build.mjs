// Builds dist/ from src/ and demo/. npm runs it as `prepare` in a clone, and when the package is installed from git.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
let compiler;
try {
  compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
} catch {
  // A production install of a clone has no compiler. That is fine if the clone is already built.
  if (existsSync("dist/cli/main.js")) process.exit(0);
  console.error(
    "Cannot build unmask as the TypeScript compiler is not installed: run `npm ci` without --omit=dev",
  );
  process.exit(1);
}
rmSync("dist", { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
const { bundleCli } = await import("./bundleCli.mjs");
await bundleCli(root);
const { trimDist } = await import("./trimDist.mjs");
trimDist(root);
const { buildPage } = await import("./buildPage.mjs");
if (!(await buildPage())) process.exit(1);
