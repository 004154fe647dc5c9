// Times the host's work per step of many rows on a backend that computes nothing: the schedule alone, and everything that
// the engine does beside the pass, decoders, events and their readers included.
// Run: npm run build && node bench/schedule.mjs [ROWS]
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { Engine } from "unmask";
import { memory } from "unmask/sources";
import { emptyPassStatistics } from "unmask/tensor";
// The schedule is no part of the package's interface.
import { Schedule } from "../dist/core/engine/schedule/schedule.js";

const rows = Number(process.argv[2] ?? 64);
const rounds = 20;
/** Positions of an answer; each step decides one. */
const length = 32;
/** Maximum CPU ms per step of the host loop at 64 rows. */
const maxHostMs = 2;

/** Ms per step of the fastest round, as the machine may be shared: by the clock, and CPU time of all threads. */
async function time(steps, run) {
  const wall = [];
  const cpu = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    const before = performance.now();
    await run();
    wall.push((performance.now() - before) / steps);
    const { user, system } = process.cpuUsage(start);
    cpu.push((user + system) / 1000 / steps);
  }
  const least = (values) => Math.min(...values).toFixed(4);
  return { "ms per step": least(wall), "CPU ms per step": least(cpu) };
}

/** The scheduler's calls for a step: expired deadlines, admissions and the rows of the pass, into which seven of eight fit. */
function scheduleAlone() {
  const steps = 200;
  const schedule = new Schedule(rows * length);
  const limits = { tokens: Math.ceil((rows * length * 7) / 8), spans: 2 * rows, prefillTokens: 256 };
  const demand = { tokens: length, spans: 1, prefill: false };
  const add = (item, now) =>
    schedule.add(item, {
      positions: length,
      priority: 0,
      arrivedAt: now,
      deadlineAt: Number.POSITIVE_INFINITY,
    });
  for (let item = 0; item < 2 * rows; item++) add({ item }, 0);
  let now = 0;
  return time(steps, () => {
    for (let step = 0; step < steps; step++) {
      now += 20;
      schedule.expired(now);
      while (schedule.admit(now));
      const picked = schedule.pick(() => demand, limits);
      // Two requests end, and two others arrive.
      for (const item of picked.slice(0, 2)) {
        schedule.remove(item);
        add({}, now);
      }
    }
  });
}

/** Statistics in which every row is sure of the same token, more or less. */
function statistics(head) {
  const rows = emptyPassStatistics(head);
  const { confidence } = rows;
  for (let row = 0; row < confidence.length; row++) confidence[row] = 0.5 + (row % 7) / 100;
  rows.token.fill(5);
  rows.best.fill(5);
  rows.bestLogit.fill(1);
  rows.bestProbability.fill(0.5);
  rows.secondProbability.fill(0.3);
  rows.entropy.fill(1);
  rows.logSumExp.fill(1);
  rows.valid.fill(1);
  return rows;
}

async function nothing() {}
const nullBackend = async () => ({
  name: "null",
  device: "nothing",
  lost: new Promise(nothing),
  limits: { maxBindingBytes: 2 ** 40, keepsStoredTypes: true, maxSpans: 4096 },
  load: nothing,
  prepare: nothing,
  openSlot: nothing,
  closeSlot: nothing,
  copyCache: nothing,
  commit: nothing,
  submit: async ({ head }) => statistics(head),
  read: async () => new Float32Array(0),
  dispose: nothing,
});

/** The tests' small LLaDA-MoE, with a context for all rows. */
function model() {
  const folder = new URL("../test/fixtures/oracle/models/llada-moe/", import.meta.url);
  const config = JSON.parse(readFileSync(new URL("config.json", folder), "utf8"));
  return memory({
    "config.json": JSON.stringify({ ...config, max_position_embeddings: rows * (length + 4) }),
    "model.safetensors": new Uint8Array(readFileSync(new URL("model.safetensors", folder))),
  });
}

async function wholeEngine() {
  const engine = await Engine.load(model(), { backend: nullBackend, batch: 2 });
  const request = {
    tokens: [5, 17, 42, 8],
    genLength: length,
    blockLength: length,
    cache: { name: "none" },
    decoder: { name: "fixed", steps: length },
  };
  const answer = async () => {
    for await (const _ of engine.generate(request));
  };
  const result = await time(length, () => Promise.all(Array.from({ length: rows }, answer)));
  const status = await engine.status();
  await engine.dispose();
  return { ...result, "rows per pass": (status.rows / status.passes).toFixed(1) };
}

console.log(
  `Node ${process.version}, ${cpus()[0]?.model}, ${rows} rows of ${length} positions, ${rounds} rounds`,
);
const host = await wholeEngine();
console.table({ "the schedule": await scheduleAlone(), "host loop, all but the pass": host });
if (rows === 64) {
  const verdict = Number(host["CPU ms per step"]) <= maxHostMs ? "met" : "missed";
  console.log(`Bar: the host loop takes at most ${maxHostMs} ms of CPU per step at 64 rows: ${verdict}`);
}
