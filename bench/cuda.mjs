// Builds, checks and times the CUDA backend on a GPU machine, in one call:
//   node bench/cuda.mjs [--out bench/results/cuda-CARD.json]
// Without a GPU, on the host device and with small shapes, which shows that the benchmark itself works:
//   node bench/cuda.mjs --device host --small
// All parts end within ten minutes: commands have time limits, and the checks that take longest come last, with what time is left. A
// part that fails is reported with its output, and the others go on; the exit code is then 1.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { large, small } from "./cuda/shapes.mjs";

const { values } = parseArgs({
  options: {
    device: { type: "string", default: "gpu" },
    small: { type: "boolean", default: false },
    out: { type: "string" },
  },
});
const isGpu = values.device === "gpu";
const shapes = values.small ? small : large;
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const started = performance.now();
const seconds = () => Number(((performance.now() - started) / 1000).toFixed(1));
const results = {
  command: ["node", ...process.argv.slice(1)].join(" ").replaceAll(`${process.cwd()}/`, ""),
  date: new Date().toISOString(),
  commit: output("git", ["rev-parse", "HEAD"]),
  node: process.version,
  card: isGpu
    ? output("nvidia-smi", ["--query-gpu=name,driver_version,clocks.max.sm", "--format=csv,noheader"])
    : "none: the host device",
  parts: {},
};
let failed = false;

function output(command, args) {
  return spawnSync(command, args, { encoding: "utf8" }).stdout?.trim() || undefined;
}

/** Seconds after which no command goes on. */
const allSeconds = 585;

/** Runs a command to its end, for `limit` seconds at most. @returns what it wrote @throws Error with the end of that if it fails or takes too long */
function run(limit, command, args, environment = {}) {
  const left = Math.min(limit, allSeconds - seconds());
  if (left < 1) throw new Error("No time is left");
  const found = spawnSync(command, args, {
    encoding: "utf8",
    timeout: left * 1000,
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...environment },
  });
  if (found.status === 0) return found.stdout;
  const why = found.error?.message ?? found.signal ?? `exit code ${found.status}`;
  throw new Error(`${command} failed: ${why}\n${`${found.stdout}${found.stderr}`.slice(-2000)}`);
}

/** Runs a part, and keeps its result or its error. */
async function part(name, work) {
  const start = seconds();
  try {
    results.parts[name] = { result: await work(), seconds: Number((seconds() - start).toFixed(1)) };
  } catch (error) {
    failed = true;
    results.parts[name] = { error: error.message, seconds: Number((seconds() - start).toFixed(1)) };
  }
  console.log(`${seconds()} s ${name}: ${results.parts[name].error ?? "done"}`);
}

const scratch = mkdtempSync(join(tmpdir(), "unmask-cuda-"));
const node = process.execPath;
const vitest = join("node_modules", ".bin", "vitest");
const deno = join("node_modules", ".bin", "deno");
/** The test files take the device from here. */
const device = { UNMASK_CUDA_DEVICE: values.device };

await part("build", () => {
  run(120, node, ["scripts/build.mjs"]);
  run(300, node, ["scripts/buildNative.mjs"], isGpu ? { UNMASK_REQUIRE: "nvcc" } : {});
});

if (isGpu || output("nvcc", ["--version"])) {
  await part("calibration", () => {
    const program = join(scratch, "calibrate");
    const code = [80, 90].map((arch) => `-gencode=arch=compute_${arch},code=sm_${arch}`);
    run(60, "nvcc", ["-std=c++17", "-O3", ...code, "-o", program, "bench/cuda/calibrate.cu"]);
    return isGpu ? JSON.parse(run(30, program, [])) : "compiled; there is no card to run it";
  });
}

const counted = (text) => {
  const { numPassedTests, numFailedTests } = JSON.parse(text.slice(text.indexOf("{")));
  return { passed: numPassedTests, failed: numFailedTests };
};
await part("conformance", () => {
  const files = ["conformance", "bf16", "tensorCores", "layers", "rounded"].map(
    (name) => `test/cuda/${name}.test.ts`,
  );
  return counted(run(150, vitest, ["run", "--reporter=json", ...files], device));
});
let file;
/** Imports what the build makes only here, so that a build that fails is a part that fails. */
async function measured(what) {
  const [{ RandomFile }, measure] = await Promise.all([
    import("./cuda/timed.mjs"),
    import("./cuda/measure.mjs"),
  ]);
  file ??= new RandomFile(values.small ? 2 ** 20 : 1.25 * 2 ** 30);
  return measure[what](values.device, file, shapes);
}
await part("matrices", () => measured("ladder"));
await part("experts", () => measured("experts"));
await part("models", () => measured("models"));
file?.remove();

if (output("python3", ["-c", "import torch; print(torch.__version__)"])) {
  await part("PyTorch", () => {
    const options = {
      shapes: shapes.models,
      sequences: shapes.sequences,
      window: shapes.window,
      context: shapes.context,
    };
    writeFileSync(
      join(scratch, "shapes.json"),
      JSON.stringify({ ...options, refresh: shapes.refresh, rounds: shapes.rounds }),
    );
    return JSON.parse(run(150, "python3", ["bench/cuda/rivals.py", join(scratch, "shapes.json")]));
  });
}
await part("traces in parity mode", () => {
  const traces = values.small ? "some" : "all";
  const files = ["test/cuda/tracesHost.test.ts", "test/cuda/tracesDevice.test.ts"];
  return counted(
    run(200, vitest, ["run", "--reporter=json", ...files], { ...device, UNMASK_TRACES: traces }),
  );
});
for (const cache of ["f32", "f16"]) {
  await part(`traces in bf16, keys and values in ${cache}`, () => {
    const share = ["--device", values.device, "--cache", cache, "--part", values.small ? "1/60" : "1/1"];
    const lines = run(100, deno, ["run", "-A", "test/cuda/agreement.ts", ...share])
      .trim()
      .split("\n");
    return lines.at(-1);
  });
}
if (isGpu) {
  for (const tool of ["memcheck", "racecheck"]) {
    await part(`compute-sanitizer ${tool}`, () => {
      const checked = [deno, "run", "-A", "test/cuda/checkedMemory.ts", "gpu"];
      const args = ["--tool", tool, "--target-processes", "all", "--error-exitcode", "9", ...checked];
      return run(100, "compute-sanitizer", args).trim().split("\n").slice(-3);
    });
  }
}

rmSync(scratch, { recursive: true });

results.seconds = seconds();
const card = (results.card ?? "unknown")
  .split(",")[0]
  .toLowerCase()
  .replace(/[^a-z0-9]+/g, "-");
const path = values.out ?? (isGpu ? join("bench", "results", `cuda-${card}.json`) : undefined);
const text = `${JSON.stringify(results, undefined, 1)}\n`;
if (path) writeFileSync(path, text);
else console.log(text);
if (path && existsSync(path)) console.log(`Written to ${path}`);
process.exit(failed ? 1 : 0);
