/** Explanations of a forward pass: sections, costs, pass shapes and the arena. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  arenaUse,
  Engine,
  type EnginePlan,
  explainPass,
  fullPass,
  sectionCost,
  sequencePass,
} from "../../src/core/index.ts";
import {
  costOf,
  countsOf,
  dtypeBytes,
  elementsOf,
  planArena,
  totalCost,
} from "../../src/core/tensor/index.ts";
import { directory } from "../../src/node.ts";
import { tinyModel } from "../support/tinyModel.ts";

const tiny = await Engine.plan(tinyModel());
const llada2 = await Engine.plan(
  directory(fileURLToPath(new URL("../fixtures/oracle/models/llada2", import.meta.url))),
);
const titlesOf = (plan: EnginePlan) => {
  const pass = sequencePass(plan, { tokens: 8, context: 32, rows: 4 });
  return explainPass(plan, pass).sections.map(({ title, count }) => [title, count]);
};

test("identical consecutive layers share a section, and other layers have their own", () => {
  expect(titlesOf(tiny)).toEqual([
    ["", 1],
    ["layers.0-3", 4],
    ["", 1],
  ]);
  const titles = titlesOf(llada2);
  expect(titles).toContainEqual(["layers.0", 1]);
  const layers = titles.reduce((sum, [title, count]) => sum + (title === "" ? 0 : Number(count)), 0);
  expect(layers).toBe(llada2.model.architecture.feedForward.length);
});

test("the total is the cost of the body and the head, and the sum of the sections", () => {
  for (const plan of [tiny, llada2]) {
    const pass = sequencePass(plan, { tokens: 8, context: 32, rows: 4 });
    const { sections, total, intensity } = explainPass(plan, pass);
    const counts = countsOf(pass.spans, pass.rows, plan.capacity.positions);
    expect(total).toEqual(
      totalCost([plan.plans.body, plan.plans.head].flatMap((each) => costOf(each, counts))),
    );
    expect(total).toEqual(totalCost(sections.map(sectionCost)));
    expect(intensity).toBe(total.flops / total.bytes);
  }
});

test("nodes are named within their layer, with shapes and bytes of weights", () => {
  const { sections } = explainPass(tiny, sequencePass(tiny, { tokens: 8, context: 32, rows: 4 }));
  const { nodes } = sections.find(({ title }) => title === "layers.0-3")!;
  expect(nodes.find(({ op }) => op === "attention")).toMatchObject({
    name: "attention",
    shapes: "[tokens, 128] → [tokens, 128]",
    weightBytes: 0,
    flops: 4 * 8 * 32 * 128,
  });
  // Three square matrices in bf16, and the weights of three norms.
  expect(nodes.find(({ op }) => op === "qkv")!.weightBytes).toBeGreaterThanOrEqual(2 * 3 * 128 * 128);
});

test("the pass of a sequence computes its last positions and sees all of them", () => {
  const { spans, rows } = sequencePass(llada2, { tokens: 8, context: 32, rows: 4 });
  const { maskBlock } = llada2.model;
  expect(spans).toEqual([{ slot: 0, start: 24, end: 32, visible: 32, maskBlock, origin: 0 }]);
  expect(rows).toBe(4);
});

test("the largest pass fills the capacity with whole sequences and a rest", () => {
  const { tokens, rows } = tiny.capacity;
  const pass = fullPass(tiny, 300);
  expect(pass.rows).toBe(rows);
  expect(pass.spans.map(({ start, end }) => [start, end])).toEqual([
    [0, 300],
    [0, 300],
    [0, 300],
    [0, tokens - 900],
  ]);
});

test("the arena takes less than its tensors side by side", () => {
  const { bytes, sumBytes } = arenaUse(tiny);
  expect(bytes).toBe(tiny.arenaBytes);
  expect(bytes).toBeLessThan(sumBytes);
});

test("a pass of a smaller bucket takes a prefix of every tensor's place in the arena", () => {
  for (const { plans, capacity } of [tiny, llada2]) {
    expect(plans.buckets.at(-1)).toBe(capacity.tokens);
    for (const plan of [plans.body, plans.head]) {
      const { placements } = planArena(plan);
      const usedBytes = plans.buckets.map((tokens) => {
        const counts = { ...capacity, tokens, rows: tokens };
        const used = [...placements.values()].map(({ id, bytes }) => {
          const tensor = plan.tensors[id]!;
          const own = dtypeBytes(tensor.dtype, elementsOf(tensor, counts));
          expect(own).toBeLessThanOrEqual(bytes);
          return own;
        });
        return used.reduce((sum, own) => sum + own, 0);
      });
      // Tensors of the arena grow with the tokens of a pass, and so does what a bucket takes of it.
      expect(usedBytes).toEqual(usedBytes.toSorted((a, b) => a - b));
      expect(new Set(usedBytes).size).toBe(plans.buckets.length);
    }
  }
});
