// Memory for loading a checkpoint, in addition to its weights: generates a checkpoint of several shards, loads it in a
// separate process, and measures its peak memory. Prints a page of Markdown. Needs Linux, dist/ and disk space.
//   node bench/loadMemory.mjs [GIGABYTES] > bench/results/load-memory.md
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCheckpoint } from "./support/loading/checkpoint.mjs";

const mebibyte = 2 ** 20;
const limitMiB = 600;

if (process.env["UNMASK_LOAD"]) await load(process.env["UNMASK_LOAD"]);
else await measure(Number(process.argv[2] ?? 4));

/** Writes a checkpoint with LLaDA-8B's tensors and widths, a smaller vocabulary, and the number of layers that gives about this size. */
async function generate(folder, bytes) {
  const [hidden, mlp, vocabulary] = [4096, 12288, 32768];
  const [ends, layer] = [2 * vocabulary * hidden, 4 * hidden * hidden + 3 * hidden * mlp];
  const layers = Math.max(1, Math.round((bytes / 2 - ends) / layer));
  const size = { hidden, layers, heads: 32, kvHeads: 32, mlp, vocabulary, tied: false };
  const { files, tensors } = await writeCheckpoint(folder, size, "bf16");
  return { layers, tensors, shards: files.filter((name) => name.endsWith(".safetensors")).length };
}

/** Runs in the measured process: loads the model, and reports its sizes. */
async function load(folder) {
  const { Engine } = await import("../dist/core/index.js");
  const { cpu } = await import("../dist/backends/cpu/index.js");
  const { directory } = await import("../dist/node.js");
  const started = performance.now();
  const onProgress = () => process.send({ external: process.memoryUsage().external });
  const options = { backend: cpu(), context: 64, cachePositions: 64, onProgress };
  const engine = await Engine.load(directory(folder), options);
  const { weightBytes, cacheBytes, arenaBytes, checkpointBytes } = engine.sizes;
  const seconds = (performance.now() - started) / 1000;
  process.send({ weightBytes, cacheBytes, arenaBytes, checkpointBytes, seconds });
  await new Promise((resolve) => process.once("message", resolve));
  process.exit(0);
}

async function measure(gigabytes) {
  const folder = mkdtempSync(join(process.env["UNMASK_BENCH_FOLDER"] ?? tmpdir(), "unmask-load-"));
  try {
    await mkdir(folder, { recursive: true });
    const made = await generate(folder, gigabytes * 1e9);
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
      env: { ...process.env, UNMASK_LOAD: folder },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    let external = 0;
    const result = await new Promise((resolve, reject) => {
      child.on("message", (message) => {
        if ("weightBytes" in message) resolve(message);
        else external = Math.max(external, message.external);
      });
      child.on("exit", (code, signal) =>
        reject(new Error(`The loading process ended with ${code ?? signal}`)),
      );
    });
    // The kernel records the peak of the resident set, so no peak between two samples is missed.
    const peak =
      1024 * Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]);
    child.removeAllListeners("exit");
    child.send("end");
    report({ ...made, ...result, peak, external });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report({ layers, shards, tensors, peak, external, seconds, ...bytes }) {
  const { checkpointBytes, weightBytes, cacheBytes, arenaBytes } = bytes;
  const resident = weightBytes + cacheBytes + arenaBytes;
  const mib = (count) => `${(count / mebibyte).toFixed(0)} MiB`;
  const above = peak - resident;
  console.log(`# Memory while loading

\`node bench/loadMemory.mjs ${process.argv[2] ?? 4}\`, on the CPU backend: Node ${process.versions.node}, ${cpus().length} cores, ${mib(totalmem())} of memory.

A generated checkpoint with LLaDA-8B's tensors and widths in bf16 (${layers} layers, vocabulary 32768): ${tensors} tensors, ${(checkpointBytes / 1e9).toFixed(2)} GB in ${shards} shards.
The CPU backend stores weights in f32, so twice that size is resident. The peak is the kernel's VmHWM of the process.

|                                        |        |
| -------------------------------------- | -----: |
| checkpoint                             | ${mib(checkpointBytes)} |
| resident weights                       | ${mib(weightBytes)} |
| K/V pool and arena (context 64)        | ${mib(cacheBytes + arenaBytes)} |
| peak of the resident set               | ${mib(peak)} |
| peak of array buffers, from Node       | ${mib(external)} |
| **peak above weights, pool and arena** | **${mib(above)}** (limit: ${limitMiB} MiB) |
| time to load                           | ${seconds.toFixed(1)} s |`);
  if (above > limitMiB * mebibyte) process.exitCode = 1;
}
