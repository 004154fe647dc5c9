import fc from "fast-check";
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine } from "../../src/core/engine/index.ts";
import { costOf, countsOf, totalCost } from "../../src/core/tensor/cost.ts";
import { type Span, visibleKeys } from "../../src/core/tensor/span.ts";
import { tinyModel } from "../support/tinyModel.ts";

const span: Span = { slot: 0, start: 0, end: 160, visible: 160, maskBlock: Infinity, origin: 0 };

test("a pass of models/tiny costs what its shapes say", async () => {
  const engine = await Engine.load(tinyModel(), { backend: cpu() });
  const { body } = engine.sizes.plans;
  const costs = costOf(body, countsOf([span], 0, 4096));
  // A token multiplies with q, k, v, o (4 * 128 * 128), 2 experts (3 * 128 * 128 each) and the router, 4 times.
  const perToken = 4 * (4 * 128 * 128 + 2 * 3 * 128 * 128 + 8 * 128);
  const attention = 4 * 4 * 160 * 160 * 128;
  expect(totalCost(costs).flops).toBe(2 * 160 * perToken + attention);
  expect(costs).toHaveLength(body.nodes.length);
  const layers = costs.filter(({ node }) => node.name.startsWith("layers.0."));
  expect(layers.reduce((sum, { launches }) => sum + launches, 0)).toBeLessThanOrEqual(12);
  await engine.dispose();
});

test("visible keys are those that the mask's definition allows", () => {
  fc.assert(
    fc.property(
      fc.record({ visible: fc.nat(60), maskBlock: fc.integer({ min: 1, max: 20 }), origin: fc.nat(30) }),
      fc.nat(59),
      ({ visible, maskBlock, origin }, position) => {
        const masked: Span = { ...span, visible, maskBlock, origin };
        const blockOf = (p: number) => Math.floor((p - origin) / maskBlock);
        const seen = [...Array(visible).keys()].filter((key) => blockOf(key) <= blockOf(position));
        expect(visibleKeys(masked, position)).toBe(seen.length);
      },
    ),
    { numRuns: 1000 },
  );
});
