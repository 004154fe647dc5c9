// Times the host's work per step of many rows on a backend that computes nothing: the schedule alone, and everything that
// the engine does beside the pass, decoders, events and their readers included.
// Run: npm run build && node bench/schedule.mjs [ROWS]
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { Engine } from "unmask";
import { memory } from "unmask/sources";
import { emptyPassStatistics } from "unmask/tensor";
import { Schedule } from "../dist/core/engine/schedule/schedule.js";
// The schedule is no part of the package's interface.
import { NullDeviceLoop } from "./support/nullDevice.mjs";

const rows = Number(process.argv[2] ?? 64);
const rounds = 20;
/** Positions of an answer; each step decides one. */
const length = 32;
/** Maximum CPU ms per step of the host loop at 64 rows. */
const maxHostMs = 2;
const maxDeviceMs = 0.2;

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
const nullBackend = (loop) => async () => ({
  name: "null",
  device: "nothing",
  lost: new Promise(nothing),
  limits: { maxBindingBytes: 2 ** 40, residentDTypes: ["f32", "f16", "bf16"], maxSpans: 4096 },
  loop,
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

/** The tests' small LLaDA-MoE, with a context for all rows of `positions` answer tokens. */
function model(positions) {
  const folder = new URL("../test/fixtures/oracle/models/llada-moe/", import.meta.url);
  const config = JSON.parse(readFileSync(new URL("config.json", folder), "utf8"));
  return memory({
    "config.json": JSON.stringify({ ...config, max_position_embeddings: rows * (positions + 4) }),
    "model.safetensors": new Uint8Array(readFileSync(new URL("model.safetensors", folder))),
  });
}

/** All rows, one position a step, in blocks of `length`. */
async function wholeEngine(loop, positions = length) {
  const engine = await Engine.load(model(positions), { backend: nullBackend(loop), batch: 2 });
  const request = {
    tokens: [5, 17, 42, 8],
    genLength: positions,
    blockLength: length,
    cache: { name: "none" },
    decoder: { name: "fixed", steps: length },
  };
  const answer = async () => {
    for await (const _ of engine.generate(request));
  };
  const result = await time(positions, () => Promise.all(Array.from({ length: rows }, answer)));
  const status = await engine.status();
  await engine.dispose();
  return { ...result, "rows per pass": (status.rows / status.passes).toFixed(1) };
}

/** What a device is given by 32 rows at mixed places: answers of different lengths follow each other in every row. */
async function submissions(blockLength, perStep) {
  const concurrent = 32;
  const loop = new NullDeviceLoop(perStep);
  const engine = await Engine.load(model(length), { backend: nullBackend(loop), batch: 2 });
  const answers = async (row) => {
    for (let answer = 0; answer < 8; answer++) {
      const genLength = length * (3 + ((7 * row + 5 * answer) % 6));
      const request = { tokens: [5, 17, 42, 8], genLength, blockLength, cache: { name: "none" } };
      for await (const _ of engine.generate(request));
    }
  };
  await Promise.all(Array.from({ length: concurrent }, (_, row) => answers(row)));
  await engine.dispose();
  const { counts } = loop;
  return {
    "passes per submission": (counts.passes / counts.submissions).toFixed(2),
    "steps per row and submission": (counts.steps / counts.rows).toFixed(2),
    "blocks per row and submission": (counts.blocks / counts.rows).toFixed(2),
    "with another under way": `${Math.round((100 * counts.withTwoUnderWay) / counts.submissions)} %`,
  };
}

console.log(
  `Node ${process.version}, ${cpus()[0]?.model}, ${rows} rows of ${length} positions, ${rounds} rounds`,
);
const host = await wholeEngine(undefined);
const device = await wholeEngine(new NullDeviceLoop(1));
const longAnswers = 8;
const long = await wholeEngine(new NullDeviceLoop(1), longAnswers * length);
const cpuMs = (row) => Number(row["CPU ms per step"]);
// An estimate from two lengths, as if a step took the same in both: what each step takes, and what a request takes once, as it
// is read, queued, admitted and ended.
const stepAlone = (longAnswers * cpuMs(long) - cpuMs(device)) / (longAnswers - 1);
const perRequest = ((cpuMs(device) - stepAlone) * length) / rows;
console.table({
  "the schedule": await scheduleAlone(),
  "host loop, all but the pass": host,
  "device loop, all but the passes": device,
  [`device loop, answers ${longAnswers} times as long`]: long,
});
console.log(
  `Device loop, estimated: ${stepAlone.toFixed(4)} ms of CPU a step, and ${perRequest.toFixed(4)} ms once for each request`,
);
console.table({
  "blocks of 32, 8 tokens a step": await submissions(32, 8),
  "blocks of 32, 4 tokens a step": await submissions(32, 4),
  "blocks of 4, 2 tokens a step": await submissions(4, 2),
  "blocks of 4, 1 token a step": await submissions(4, 1),
});
if (rows === 64) {
  const verdict = (row, max) => (Number(row["CPU ms per step"]) <= max ? "met" : "missed");
  console.log(
    `Bar: the host loop takes at most ${maxHostMs} ms of CPU per step at 64 rows: ${verdict(host, maxHostMs)}`,
  );
  console.log(`Bar: the device loop takes at most ${maxDeviceMs} ms: ${verdict(device, maxDeviceMs)}`);
}
