// Load test: many concurrent streams against `unmask serve` with the embedded model on this machine. The exit code is 1 if a
// stream breaks, an answer differs from an earlier one of the same request, or anything else fails.
// Run: npm run load [-- --minutes 10 --streams 64 --backend wasm --model FOLDER]. With --counts it measures no times.
import process from "node:process";
import { parseArgs } from "node:util";
import { ServerProcess } from "./support/serverProcess.mjs";
import { keepStreaming, mixedCount, stream } from "./support/streams.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    streams: { type: "string", default: "64" },
    backend: { type: "string", default: "wasm" },
    model: { type: "string" },
    counts: { type: "boolean", default: false },
  },
});
const [minutes, streams] = [values.minutes, values.streams].map((text) => {
  const value = Number(text);
  if (!(value > 0))
    throw new Error(`Cannot run the load test as its options must be numbers above 0: found ${text}`);
  return value;
});

// The requests name the embedded model, so another one gets its name.
const model = values.model === undefined ? [] : ["--model", `embedded=${values.model}`];
const server = await ServerProcess.start(["--backend", values.backend, "--log-level", "warn", ...model]);
const answers = new Map();
const errors = [];
try {
  if (!values.counts) {
    await compareBatch();
    await compareRows();
  }
  await load();
} finally {
  const code = await server.stop();
  if (code !== 0) errors.push(`the server exited with code ${code}`);
  if (server.errors !== "") errors.push(`the server logged: ${server.errors}`);
}
for (const error of new Set(errors)) console.log(`error: ${error}`);
console.log(errors.length === 0 ? "no errors" : `${errors.length} errors`);
process.exitCode = errors.length === 0 ? 0 : 1;

/** Compares the throughput of the same requests one at a time and sixteen at a time. */
async function compareBatch() {
  const seconds = {};
  await batch(16);
  for (const count of [1, 16]) {
    const start = performance.now();
    const { tokens } = await batch(count);
    seconds[count] = (performance.now() - start) / 1000;
    console.log(`${count} at a time: ${(tokens / seconds[count]).toFixed(0)} tokens/s`);
  }
  console.log(`ratio: ${(seconds[1] / seconds[16]).toFixed(3)}`);

  async function batch(count) {
    let index = 0;
    const sum = await keepStreaming(server.url, count, () => (index < mixedCount ? index++ : undefined), {
      answers,
    });
    errors.push(...sum.errors);
    return sum;
  }
}

/** Compares the times of sixteen equal requests in one batch: the slowest with the mean of the others. */
async function compareRows() {
  const body = { messages: [{ role: "user", content: "sort 42 17 90" }] };
  const rest = {
    stream: true,
    stream_options: { include_usage: true },
    diffusion: { canvas: 32, preset: "quality" },
  };
  const request = { path: "/v1/chat/completions", body: { ...body, ...rest } };
  const times = await Promise.all(Array.from({ length: 16 }, () => stream(server.url, request)));
  const all = times.map(({ ms }) => ms);
  const slowest = Math.max(...all);
  const others = (all.reduce((sum, ms) => sum + ms, 0) - slowest) / (all.length - 1);
  console.log(`slowest of 16 rows: ${(slowest / others).toFixed(3)} of the others' mean`);
}

async function load() {
  const start = performance.now();
  const end = start + minutes * 60_000;
  const before = await server.metrics();
  const memory = { afterMinute: undefined };
  const minute = setTimeout(async () => {
    memory.afterMinute = (await server.metrics()).process_resident_memory_bytes;
  }, 60_000);
  let index = 0;
  const next = () => (performance.now() < end ? index++ : undefined);
  const sum = await keepStreaming(server.url, streams, next, { answers });
  clearTimeout(minute);
  errors.push(...sum.errors);
  const after = await server.metrics();
  const increase = (name) => after[`unmask_${name}`] - before[`unmask_${name}`];
  const seconds = (performance.now() - start) / 1000;
  console.log(`${sum.streams} streams complete, ${sum.errors.length} errors, ${streams} at a time`);
  console.log(`batch: ${(increase("batch_rows_total") / increase("passes_total")).toFixed(2)} rows per pass`);
  if (sum.streams === 0) errors.push("no stream was complete");
  for (const name of ["active_requests", "waiting_requests", "kv_used_positions"]) {
    if (after[`unmask_${name}`] !== 0) errors.push(`at the end ${name} is ${after[`unmask_${name}`]}`);
  }
  if (values.counts) return;
  console.log(`${(sum.tokens / seconds).toFixed(0)} tokens/s over ${seconds.toFixed(0)} s`);
  const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(0);
  const { afterMinute } = memory;
  const atEnd = after.process_resident_memory_bytes;
  const growth =
    afterMinute === undefined
      ? ""
      : `, ${(100 * (atEnd / afterMinute - 1)).toFixed(1)} % more than after a minute`;
  console.log(`memory at the end: ${mebibytes(atEnd)} MiB${growth}`);
}
