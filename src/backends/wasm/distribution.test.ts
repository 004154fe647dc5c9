import { expect, test } from "vitest";
import { type ModelPlans, PlanBuilder, type TensorId } from "../../core/tensor/index.ts";
import { distribute, storedTensors } from "./distribution.ts";

const hidden = 64;
const layers = 6;
const capacity = { tokens: 8, rows: 8, positions: 16 };

/** Layers of attention with a head whose matrix also embeds the tokens, if `tied`. */
function plansOf(tied: boolean): ModelPlans {
  const body = new PlanBuilder("body", capacity);
  const scratch = (b: PlanBuilder, name: string) => b.scratch(name, ["tokens", hidden]);
  const matrix = (b: PlanBuilder, name: string) => b.weight(name, [256, hidden]);
  let x = scratch(body, "x");
  body.node("embed", "embed", { weight: matrix(body, "embedding") }, { x }, { hidden });
  for (let layer = 0; layer < layers; layer++) x = attention(body, layer, x);
  const head = new PlanBuilder("head", capacity);
  const chosen = head.scratch("hidden", ["rows", hidden]);
  const final = head.boundary("final", ["tokens", hidden]);
  const norm = head.weight("norm", [hidden]);
  head.node("selectRows", "selectRows", { x: final, norm }, { hidden: chosen }, { epsilon: 1e-6 });
  const embedding = matrix(head, "embedding");
  const inputs = { hidden: chosen, weight: tied ? embedding : matrix(head, "head"), embedding };
  const mixture = head.boundary("mixture", ["rows", hidden]);
  head.node("headStatistics", "headStatistics", inputs, { mixture }, { vocabulary: 256 });
  return { body: body.build(), head: head.build(), buckets: [capacity.tokens] };
}

function attention(b: PlanBuilder, layer: number, x: TensorId): TensorId {
  const at = (name: string) => `layers.${layer}.${name}`;
  const [keys, values] = ["keys", "values"].map((name) => b.cache(at(name), hidden));
  const [query, normed, y] = ["query", "normed", "y"].map((name) => b.scratch(at(name), ["tokens", hidden]));
  const weights = {
    norm: b.weight(at("norm"), [hidden]),
    weight: b.weight(at("qkv"), [3 * hidden, hidden]),
    bias: undefined,
    queryNorm: undefined,
    keyNorm: undefined,
    rope: b.weight("rope", [16, hidden]),
  };
  const heads = { heads: 1, kvHeads: 1, headDimension: hidden };
  b.node(
    "qkv",
    at("qkv"),
    { x, keys: keys!, values: values!, ...weights },
    { query: query!, normed: normed! },
    { ...heads, rotaryDimension: hidden, epsilon: 1e-6 },
  );
  const inputs = { query: query!, keys: keys!, values: values! };
  b.node("attention", at("attention"), inputs, { attnOutput: y! }, { ...heads, scale: 1 });
  return y!;
}

test("a model with room in one memory takes one", () => {
  const { weights, memoryOf } = distribute(plansOf(true), 2 ** 30);
  expect(weights).toHaveLength(1);
  expect(new Set(memoryOf.values())).toEqual(new Set([0]));
});

test.each([true, false])("no memory holds more than its room, tied: %s", (tied) => {
  const plans = plansOf(tied);
  const roomBytes = 200_000;
  const { weights, memoryOf } = distribute(plans, roomBytes);
  expect(weights.length).toBeGreaterThan(1);
  const stored = [plans.head, plans.body].flatMap((plan) =>
    plan.nodes.map((node) => ({ memory: memoryOf.get(node)!, tensors: storedTensors(plan, node) })),
  );
  for (const [memory, names] of weights.entries()) {
    const here = stored.filter((each) => each.memory === memory).flatMap(({ tensors }) => tensors);
    const sizes = new Map(here.map(({ name, bytes }) => [name, bytes]));
    expect(new Set(sizes.keys())).toEqual(names);
    expect([...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(roomBytes);
  }
});

test("layers stay in order, with their keys and values, and what embeds tokens is with the head", () => {
  const plans = plansOf(false);
  const { memoryOf, weights } = distribute(plans, 200_000);
  const [embed, ...rest] = plans.body.nodes.map((node) => memoryOf.get(node)!);
  for (const node of plans.head.nodes) expect(memoryOf.get(node)).toBe(embed);
  expect(rest).toEqual(rest.toSorted((a, b) => a - b));
  for (let layer = 0; layer < layers; layer++) expect(rest[2 * layer]).toBe(rest[2 * layer + 1]);
  // Every layer rotates by the same table.
  for (const [memory, names] of weights.entries()) expect(names.has("rope")).toBe(rest.includes(memory));
});

test("a node that needs more than the room has a memory for itself", () => {
  const { memoryOf } = distribute(plansOf(true), 1);
  expect(new Set(memoryOf.values()).size).toBeGreaterThanOrEqual(layers);
});
