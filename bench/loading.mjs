// Loads models of real sizes without a GPU: seconds beside those of reading alone, peak memory, and a pass. Generates the
// checkpoints first. Needs Linux, dist/ and disk space; with --where chromium also Chromium.
//   node bench/loading.mjs [--sizes 0.5b,8b] [--types bf16,q8_0,q4_0] [--where node,chromium] [--context 1024]
//     [--threads 2] [--folder PLACE]
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { directory } from "../dist/node.js";
import { sizes, writeCheckpoint } from "./support/loading/checkpoint.mjs";
import { loadAndRun } from "./support/loading/load.mjs";
import { peakBytes } from "./support/loading/peakBytes.mjs";
import { secondsOfReading } from "./support/loading/reading.mjs";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "0.5b" },
    types: { type: "string", default: "bf16,q8_0,q4_0" },
    where: { type: "string", default: "node" },
    context: { type: "string", default: "1024" },
    threads: { type: "string" },
    folder: { type: "string", default: tmpdir() },
    /** For the measured process: where the checkpoint is. */
    load: { type: "string" },
  },
});
const options = {
  context: Number(values.context),
  threads: values.threads === undefined ? undefined : Number(values.threads),
};

if (values.load) await measuredProcess(values.load);
else await measure();

async function measuredProcess(folder) {
  const [{ Engine }, { wasm }] = await Promise.all([
    import("../dist/core/index.js"),
    import("../dist/backends/wasm/index.js"),
  ]);
  const result = await loadAndRun({ Engine, wasm }, directory(folder), options);
  process.send({ ...result, peakBytes: peakBytes("self") }, () => process.exit(0));
}

async function measure() {
  console.log(
    "| model | where | weights, MiB | peak above them, MiB | reading, s | loading, s | s a GB beyond reading | first pass, s | second, s |",
  );
  console.log("| --- | --- | --: | --: | --: | --: | --: | --: | --: |");
  for (const size of values.sizes.split(",")) {
    for (const dtype of values.types.split(",")) {
      const folder = mkdtempSync(join(values.folder, "unmask-loading-"));
      try {
        const { files, bytes } = await writeCheckpoint(folder, sizes[size], dtype, options.context);
        // The first reading fills the system's cache of files.
        await secondsOfReading(directory(folder), files);
        for (const where of values.where.split(",")) {
          const run = where === "node" ? runInNode : runInChromium;
          report(`${size}, ${dtype}`, where, bytes, await run(folder, files, options));
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
}

/** Imported where it is needed: a browser's driver would count in the memory of the measured process. */
async function runInChromium(...given) {
  return (await import("./support/loading/inChromium.mjs")).runInChromium(...given);
}

async function runInNode(folder, files) {
  const readSeconds = await secondsOfReading(directory(folder), files);
  const own = ["--context", values.context, ...(values.threads ? ["--threads", values.threads] : [])];
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), "--load", folder, ...own], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const result = await new Promise((resolve, reject) => {
    child.on("message", resolve);
    child.on("exit", (code, signal) => {
      if (code !== 0) reject(new Error(`The measured process ended with ${code ?? signal}`));
    });
  });
  return { ...result, readSeconds };
}

function report(model, where, bytes, result) {
  const {
    weightBytes,
    peakBytes: peak,
    readSeconds: reading,
    loadSeconds,
    firstSeconds,
    secondSeconds,
  } = result;
  const mebibytes = (count) => (count / 2 ** 20).toFixed(0);
  const beyond = (loadSeconds - reading) / (bytes / 1e9);
  const figures = [reading, loadSeconds, beyond, firstSeconds, secondSeconds].map((each) => each.toFixed(2));
  console.log(
    `| ${model} | ${where} | ${mebibytes(weightBytes)} | ${mebibytes(peak - weightBytes)} | ${figures.join(" | ")} |`,
  );
}
