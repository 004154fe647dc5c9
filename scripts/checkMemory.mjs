// Builds the checked host device (AddressSanitizer) and runs every op of the CUDA kernels on it, under Deno. The sanitizer ends the
// process at the first access outside of a buffer, of shared memory or of a stack. Ends with `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(command, args, environment = {}) {
  const options = { cwd: root, stdio: "inherit", env: { ...process.env, ...environment } };
  const { status, signal, error } = spawnSync(command, args, options);
  if (error) throw error;
  if (status !== 0) {
    console.error(`${command} failed: ${signal ?? `exit code ${status}`}`);
    process.exit(1);
  }
}

run(process.execPath, [join("scripts", "buildNative.mjs"), "--asan"]);
const compiler = process.env["CXX"] ?? "c++";
const library = spawnSync(compiler, ["-print-file-name=libasan.so"], { encoding: "utf8" }).stdout?.trim();
if (!library?.startsWith("/")) {
  console.error(`Cannot check memory as ${compiler} has no libasan.so`);
  process.exit(1);
}
run(join(root, "node_modules", ".bin", "deno"), ["run", "-A", join("test", "cuda", "checkedMemory.ts")], {
  // The sanitizer must come before all other libraries of the process. Leaks are the runtime's own.
  LD_PRELOAD: library,
  ASAN_OPTIONS: "detect_leaks=0",
});
