// What grows with the context, the vocabulary and the batch, on the WebAssembly backend:
//   node bench/growth.mjs [--parts prefill,refresh,attention,head,batch] [--threads 2] [--rounds 3]
// prefill: all positions of a context in one pass. refresh: the last half of it. attention: 32 rows. head: 151936 tokens.
// batch: tokens a second of requests that decode one token a pass, one request and 16, through the engine.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { wasm } from "../dist/backends/wasm/index.js";
import { Engine } from "../dist/core/index.js";
import { median } from "./rivals/paired.mjs";
import { randomModel } from "./rivals/randomModel.mjs";
import { shapes, syntheticModel } from "./support/syntheticModel.mjs";

const { values } = parseArgs({
  options: {
    parts: { type: "string", default: "prefill,refresh,attention,head,batch" },
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "3" },
  },
});
const threads = Number(values.threads);
const rounds = Number(values.rounds);
const contexts = [1024, 2048, 4096, 8192];
const dtype = "q8_0";
/** Enough layers for every op to be seen, and few enough for 8192 positions. */
const layers = 2;
const body = { ...shapes.dream, feedForward: shapes.dream.feedForward.slice(0, layers) };

const sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };

const parts = {
  prefill: () => passes("A pass of all positions", (context) => context),
  refresh: () => passes("A pass of the last half", (context) => context / 2),
  attention: () => passes("32 rows", () => 32),
  head,
  batch,
};
console.log(`Node ${process.version}, ${cpus()[0]?.model}, ${threads} thread(s), weights in ${dtype}`);
for (const part of values.parts.split(",")) await parts[part]();

async function open(shape, capacity) {
  const backend = await wasm({ threads })();
  const { entries, plans } = syntheticModel(shape, { dtype, tokens: capacity, context: capacity });
  await backend.load(entries, plans);
  await backend.prepare(plans);
  await backend.openSlot({ slot: 0, base: 0, length: capacity });
  return backend;
}

/** Milliseconds of each op, the medians of some equal passes. */
async function opTimes(backend, { start, end, wanted = 0 }) {
  const span = { slot: 0, start, end, visible: end, maskBlock: Infinity, origin: 0 };
  const positions = Array.from({ length: wanted }, (_, index) => start + index);
  const requests = [{ span: 0, positions, shift: 0, maskToken: -1, sampling, step: 0 }];
  const lists = new Map();
  for (let round = 0; round <= rounds; round++) {
    const before = new Map(backend.times.map(({ op, ms }) => [op, ms]));
    await backend.submit({ spans: [span], head: wanted > 0 ? requests : [] });
    if (round === 0) continue;
    for (const { op, ms } of backend.times)
      lists.set(op, [...(lists.get(op) ?? []), ms - (before.get(op) ?? 0)]);
  }
  return new Map([...lists].map(([op, list]) => [op, median(list)]));
}

/** @param rowsOf a context */
async function passes(title, rowsOf) {
  const rows = [];
  const backend = await open(body, contexts.at(-1));
  for (const context of contexts) {
    const tokens = rowsOf(context);
    const times = await opTimes(backend, { start: context - tokens, end: context });
    const { hidden, heads, kvHeads, headDimension, feedForward } = body;
    const perLayer = {
      qkv: 2 * hidden * (heads + 2 * kvHeads) * headDimension,
      project: 2 * hidden * heads * headDimension,
      mlp: 6 * hidden * feedForward[0].intermediate,
      attention: 4 * heads * headDimension * context,
    };
    const all = [...times.values()].reduce((sum, ms) => sum + ms, 0);
    const flops = Object.entries(perLayer).map(([op, each]) => [op, each * tokens * layers]);
    const rate = (count, ms) => (count / ms / 1e6).toFixed(1);
    const whole = flops.reduce((sum, [, count]) => sum + count, 0);
    rows.push({
      context,
      rows: tokens,
      ms: all.toFixed(0),
      "GFLOP/s": rate(whole, all),
      ...Object.fromEntries(flops.map(([op, count]) => [op, rate(count, times.get(op))])),
    });
  }
  await backend.dispose();
  console.log(`${title}, GFLOP/s, ${layers} layers of the shape dream`);
  console.table(rows);
}

async function head() {
  const { hidden } = body;
  const vocabulary = 151936;
  const shape = { ...body, vocabulary, feedForward: body.feedForward.slice(0, 1) };
  const backend = await open(shape, 256);
  const rows = [];
  for (const wanted of [1, 32, 256]) {
    const ms = (await opTimes(backend, { start: 256 - wanted, end: 256, wanted })).get("headStatistics");
    const rate = (2 * wanted * hidden * vocabulary) / ms / 1e6;
    rows.push({ rows: wanted, ms: ms.toFixed(0), "GFLOP/s": rate.toFixed(1) });
  }
  await backend.dispose();
  console.log(`The head and its statistics, ${hidden} to ${vocabulary}`);
  console.table(rows);
}

async function batch() {
  const engine = await Engine.load(randomModel("dream"), {
    backend: wasm({ threads }),
    weightDType: dtype,
    context: 256,
    batch: 16,
  });
  const tokens = 32;
  const request = (index) => ({
    prompt: `a request of some words, and of a number: ${index}`,
    genLength: tokens,
    earlyStop: false,
  });
  const run = async (index) => {
    let count = 0;
    for await (const event of engine.generate(request(index)))
      if (event.type === "done") count = event.usage.completionTokens;
    return count;
  };
  const rows = [];
  await run(0);
  for (const count of [1, 4, 16]) {
    const start = performance.now();
    const counts = await Promise.all(Array.from({ length: count }, (_, index) => run(index + 1)));
    const seconds = (performance.now() - start) / 1000;
    const sum = counts.reduce((total, each) => total + each, 0);
    rows.push({ requests: count, tokens: sum, "tokens/s": (sum / seconds).toFixed(1) });
  }
  await engine.dispose();
  console.log("Requests that decode one token a pass, shape dream");
  console.table(rows);
}
