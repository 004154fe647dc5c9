// A contestant: one product in the WebAssembly backend, again and again.
import { wasm } from "../../dist/backends/wasm/index.js";
import { PlanBuilder } from "../../dist/core/tensor/index.js";
import { randomWeight } from "../support/syntheticModel.mjs";

/** @param product.rows and `columns` of the weight */
export async function open({ dtype, product: { rows, columns }, tokens, threads, repeats }) {
  const entries = [
    randomWeight("embedding", [tokens, columns], "f32"),
    randomWeight("weight", [rows, columns], dtype),
    randomWeight("norm", [rows], "f32"),
  ];
  const capacity = { tokens, rows: 1, positions: tokens };
  const body = new PlanBuilder("body", capacity);
  const x = body.boundary("x", ["tokens", columns]);
  const embedding = body.weight("embedding", [tokens, columns], "f32");
  body.node("embed", "embed", { weight: embedding }, { x }, { hidden: columns });
  const attributes = { outFeatures: rows, inFeatures: columns };
  const weight = body.weight("weight", [rows, columns], dtype);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const y = body.scratch(`y${repeat}`, ["tokens", rows]);
    const inputs = { x, weight, bias: undefined, residual: undefined };
    body.node("project", `project${repeat}`, inputs, { y }, attributes);
  }
  const backend = await wasm({ threads })();
  const head = new PlanBuilder("head", capacity).build();
  const plans = { body: body.build(), head, buckets: [tokens] };
  await backend.load(entries, plans);
  await backend.prepare(plans);
  await backend.openSlot({ slot: 0, base: 0, length: tokens });
  await backend.commit([
    {
      slot: 0,
      positions: Array.from({ length: tokens }, (_, n) => n),
      tokens: Array.from({ length: tokens }, (_, n) => n),
    },
  ]);
  const span = { slot: 0, start: 0, end: tokens, visible: tokens, maskBlock: Infinity, origin: 0 };
  const projected = () => backend.times.find(({ op }) => op === "project")?.ms ?? 0;
  return {
    about: `unmask, ${dtype}`,
    /** @returns milliseconds of a product, the mean of some */
    async step() {
      const before = projected();
      await backend.submit({ spans: [span], head: [] });
      return (projected() - before) / repeats;
    },
  };
}
