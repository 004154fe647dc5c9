// Benchmarks models/tiny on the CPU backend: ms per forward pass, tokens per forward pass, tokens per second, and
// the fraction of time outside of ops. Run: npm run bench [-- PROMPTS]
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { Engine } from "unmask";
import { cpu } from "unmask/cpu";
import { tinyModel } from "./support/tinyModel.mjs";

const count = Number(process.argv[2] ?? 30);
const tasks = JSON.parse(
  readFileSync(new URL("../test/fixtures/oracle/tasks.json", import.meta.url), "utf8"),
);
// An equal number of each kind of task.
const prompts = Array.from({ length: count }, (_, index) => tasks[(index * 101) % tasks.length].prompt);

const engine = await Engine.load(tinyModel(), { backend: cpu() });
const configurations = [
  { name: "threshold .9, no cache", decoder: { name: "threshold", threshold: 0.9 }, cache: { name: "none" } },
  { name: "threshold .9, dual", decoder: { name: "threshold", threshold: 0.9 }, cache: { name: "dual" } },
  { name: "one by one, no cache", decoder: { name: "threshold", threshold: 2 }, cache: { name: "none" } },
  { name: "one by one, dual", decoder: { name: "threshold", threshold: 2 }, cache: { name: "dual" } },
];

async function measure({ name, ...request }) {
  const sums = { forwards: 0, tokens: 0, decodeMs: 0 };
  const before = new Map(engine.times.map(({ op, ms }) => [op, ms]));
  for (const content of prompts) {
    for await (const event of engine.generate({ messages: [{ role: "user", content }], ...request })) {
      if (event.type !== "done") continue;
      sums.forwards += event.usage.forwards;
      sums.tokens += event.usage.completionTokens;
      sums.decodeMs += event.usage.decodeMs;
    }
  }
  byOp = engine.times.map(({ op, ms }) => ({ op, ms: ms - (before.get(op) ?? 0) }));
  const inOps = byOp.reduce((sum, { ms }) => sum + ms, 0);
  return {
    configuration: name,
    forwards: sums.forwards,
    "ms/forward": (sums.decodeMs / sums.forwards).toFixed(2),
    "tokens/forward": (sums.tokens / sums.forwards).toFixed(2),
    "tokens/s": ((1000 * sums.tokens) / sums.decodeMs).toFixed(0),
    "outside ops, %": (100 * (1 - inOps / sums.decodeMs)).toFixed(2),
  };
}

console.log(`Node ${process.version}, ${cpus()[0]?.model}, ${prompts.length} prompts, canvas 128, block 32`);
for (const content of prompts.slice(0, 3)) {
  for await (const _ of engine.generate({ messages: [{ role: "user", content }] })); // warms up the JIT compiler
}
/** Of the last configuration. */
let byOp = [];
const rows = [];
for (const configuration of configurations) rows.push(await measure(configuration));
console.table(rows);
const total = byOp.reduce((sum, { ms }) => sum + ms, 0);
console.log("Share of ops in the last configuration:");
for (const { op, ms } of byOp.sort((a, b) => b.ms - a.ms))
  console.log(`  ${op.padEnd(16)} ${((100 * ms) / total).toFixed(1)} %`);
await engine.dispose();
