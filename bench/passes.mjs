// Times whole passes without a GPU: 32 rows on a context of 160, for each type of weights, on one thread and on all.
//   node bench/passes.mjs [--backend wasm] [--shapes dream,mixture] [--types f32,bf16,q8_0] [--threads 1,2] [--rows 32]
//     [--context 160] [--runs 5] [--ops]
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { cpu } from "../dist/backends/cpu/index.js";
import { wasm } from "../dist/backends/wasm/index.js";
import { shapes, syntheticModel } from "./support/syntheticModel.mjs";

const { values } = parseArgs({
  options: {
    backend: { type: "string", default: "wasm" },
    shapes: { type: "string", default: "dream,mixture" },
    types: { type: "string", default: "f32,bf16,q8_0" },
    threads: { type: "string", default: "1,2" },
    rows: { type: "string", default: "32" },
    context: { type: "string", default: "160" },
    runs: { type: "string", default: "5" },
    ops: { type: "boolean", default: false },
  },
});
const list = (text) => text.split(",");
const rows = Number(values.rows);
const context = Number(values.context);

async function open(shape, dtype, threads) {
  const backend = await (values.backend === "wasm" ? wasm({ threads }) : cpu())();
  const { entries, plans } = syntheticModel(shapes[shape], { dtype, tokens: context, context: 2 * context });
  const started = performance.now();
  await backend.load(entries, plans);
  const loadMs = performance.now() - started;
  const bytes = entries.flatMap(({ pieces }) => pieces).reduce((sum, piece) => sum + piece.bytes, 0);
  await backend.prepare(plans);
  await backend.openSlot({ slot: 0, base: 0, length: context });
  const sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };
  const pass = (start, end, wanted) => {
    const span = { slot: 0, start, end, visible: end, maskBlock: Infinity, origin: 0 };
    const positions = Array.from({ length: wanted }, (_, index) => start + index);
    const head = [{ span: 0, positions, shift: 0, maskToken: -1, sampling, step: 0 }];
    return backend.submit({ spans: [span], head });
  };
  await pass(0, context, 0);
  const step = () => pass(context - rows, context, rows);
  for (let warm = 0; warm < 2; warm++) await step();
  const warm = new Map(backend.times.map(({ op, ms }) => [op, ms]));
  return { shape, dtype, threads, backend, step, warm, loadMs, bytes, times: [] };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
console.log(
  `Node ${process.version}, ${cpus()[0]?.model}, ${rows} rows on a context of ${context}, backend ${values.backend}`,
);
for (const shape of list(values.shapes)) {
  for (const dtype of list(values.types)) {
    const open_ = [];
    for (const threads of list(values.threads).map(Number)) open_.push(await open(shape, dtype, threads));
    for (let run = 0; run < Number(values.runs); run++) {
      // In turns, so that what else runs slows all of them down.
      for (const each of open_) {
        const start = performance.now();
        await each.step();
        each.times.push(performance.now() - start);
      }
    }
    for (const { threads, times, warm, loadMs, bytes, backend } of open_) {
      const least = Math.min(...times).toFixed(0);
      console.log(
        `${shape} ${dtype}, ${threads} thread(s): min ${least} ms, median ${median(times).toFixed(0)} ms; ${(bytes / 2 ** 20).toFixed(0)} MiB of weights loaded in ${loadMs.toFixed(0)} ms`,
      );
      for (const { op, ms } of values.ops ? backend.times : []) {
        console.log(
          `    ${op.padEnd(16)} ${((ms - (warm.get(op) ?? 0)) / times.length).toFixed(1)} ms a pass`,
        );
      }
      await backend.dispose();
    }
  }
}
const peak = process.resourceUsage().maxRSS / 1024;
console.log(`Peak of the process: ${peak.toFixed(0)} MiB`);
