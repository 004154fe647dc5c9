// What is timed on a native device: a ladder of matrices, experts, whole steps and refreshes.
import { PlanBuilder, tokenBuckets } from "../../dist/core/tensor/index.js";
import { bytesOf, entryOf, median, modelOf, Timed, upTo } from "./timed.mjs";

const rate = (bytes, us) => Number((bytes / (us * 1e-6)).toPrecision(4));

/** Products of rows with matrices of several sizes, with a cold cache. */
export async function ladder(device, file, { ladder: { columns, outputs, rows }, rounds }) {
  const capacity = { tokens: Math.max(...rows), rows: 1, positions: Math.max(...rows) };
  const vocabulary = 256;
  const specs = [
    { symbol: "embedding", shape: [vocabulary, columns] },
    ...outputs.map((count) => ({ symbol: `matrix${count}`, shape: [count, columns] })),
  ];
  const entries = specs.map((spec) => entryOf(file, spec));
  const body = new PlanBuilder("body", capacity);
  const weight = (symbol) => body.weight(symbol, specs.find((spec) => spec.symbol === symbol).shape, "bf16");
  const x = body.scratch("x", ["tokens", columns]);
  body.node("embed", "embed", { weight: weight("embedding") }, { x }, { hidden: columns });
  for (const count of outputs) {
    const y = body.boundary(`y${count}`, ["tokens", count]);
    const attributes = { inFeatures: columns, outFeatures: count };
    body.node("project", `matrix ${count}`, { x, weight: weight(`matrix${count}`) }, { y }, attributes);
  }
  const head = new PlanBuilder("head", capacity);
  const plans = { body: body.build(), head: head.build(), buckets: tokenBuckets(capacity.tokens) };
  const timed = await Timed.open(device, { entries, plans });
  await timed.fill(1, capacity.positions, (_, at) => at % vocabulary);
  const results = [];
  for (const count of rows) {
    await timed.pass([0], 0, count, 0);
    const all = await timed.device.timeLast(rounds);
    for (const output of outputs) {
      const us = median(all.find(({ name }) => name === `matrix ${output}`).times);
      const bytes = 2 * output * columns;
      const flops = 2 * count * output * columns;
      results.push({ rows: count, bytes, us, bytesPerSecond: rate(bytes, us), flops: rate(flops, us) });
    }
  }
  await timed.close();
  return results;
}

/** One layer of experts. With few distinct tokens few experts have all the work. */
export async function experts(device, file, { experts: shape, sequences, window, rounds }) {
  const [{ experts: count, topK, intermediate }] = shape.feedForward;
  const expertBytes = 3 * 2 * intermediate * shape.hidden;
  const results = [];
  for (const slots of sequences) {
    const tokens = slots * window;
    const capacity = { tokens, rows: tokens, context: window, positions: tokens };
    for (const distinct of [shape.vocabulary, 3]) {
      const timed = await Timed.open(device, modelOf(file, shape, capacity));
      await timed.fill(slots, window, (slot, at) => (slot * window + at) % distinct);
      await timed.pass(upTo(slots), 0, window, 0);
      const { kernels } = await timed.times(rounds);
      const touchedAtMost = Math.min(count, Math.min(distinct, tokens) * topK);
      const routing = distinct === 3 ? "of three tokens" : "of all tokens";
      results.push({
        rows: tokens,
        routing,
        touchedAtMost,
        bytesAtMost: touchedAtMost * expertBytes,
        kernels,
      });
      await timed.close();
    }
  }
  return results;
}

/** Steps of whole models, and a refresh. */
export async function models(device, file, { models: shapes, sequences, window, context, refresh, rounds }) {
  const results = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const slots = Math.max(...sequences);
    const tokens = Math.max(refresh, slots * window);
    const model = modelOf(file, shape, { tokens, rows: slots * window, context, positions: slots * context });
    const timed = await Timed.open(device, model);
    const bytes = bytesOf(model.entries);
    const result = { bytes, loadBytesPerSecond: rate(bytes, 1e3 * timed.loadMs), steps: [] };
    await timed.fill(slots, context, (slot, at) => (slot * 7919 + at * 104729) % shape.vocabulary);
    for (const slot of upTo(slots)) await timed.pass([slot], 0, Math.min(context, refresh), 0);
    for (const count of sequences) {
      const step = () => timed.pass(upTo(count), context - window, context, window);
      await step();
      const walls = [];
      for (let round = 0; round < rounds; round++) {
        const start = performance.now();
        await step();
        walls.push(1e3 * (performance.now() - start));
      }
      const times = await timed.times(rounds);
      const embedding = 2 * shape.vocabulary * shape.hidden;
      const read = bytes - embedding;
      result.steps.push({
        rows: count * window,
        context,
        ...times,
        withHostUs: Number(median(walls).toFixed(1)),
        weightBytesPerSecond: rate(read, times.us),
      });
    }
    await timed.pass([0], context - refresh, context, window);
    result.refresh = { rows: refresh, ...(await timed.times(rounds)) };
    results[name] = result;
    await timed.close();
  }
  return results;
}
