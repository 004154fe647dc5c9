import fc from "fast-check";
import { expect, test } from "vitest";
import { planArena } from "./arena.ts";
import type { Plan, PlanNode } from "./plan.ts";
import type { TensorSpec } from "./tensorSpec.ts";

/** A plan whose node n writes tensor n and reads some earlier ones. */
function chain(sizes: readonly number[], reads: readonly (readonly number[])[]): Plan {
  const tensors = sizes.map((size, id): TensorSpec => {
    return { id, name: `t${id}`, shape: ["tokens", size], dtype: "f32", storage: "arena" };
  });
  const nodes = sizes.map((_, id) => {
    const inputs = Object.fromEntries((reads[id] ?? []).map((read, k) => [`in${k}`, read % (id + 1)]));
    return {
      op: "project",
      name: `n${id}`,
      inputs,
      outputs: { y: id },
      attributes: {},
    } as unknown as PlanNode;
  });
  return { name: "chain", capacity: { tokens: 3, rows: 1, positions: 1 }, tensors, nodes };
}

const plans = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.array(fc.nat(30), { maxLength: 3 })), {
    minLength: 1,
    maxLength: 30,
  })
  .map((entries) =>
    chain(
      entries.map(([size]) => size),
      entries.map(([, reads]) => reads),
    ),
  );

test("tensors that live at the same time never overlap, and all lie inside the arena", () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const arena = planArena(plan);
      const placed = [...arena.placements.values()];
      expect(placed).toHaveLength(plan.tensors.length);
      for (const a of placed) {
        expect(a.offsetBytes + a.bytes).toBeLessThanOrEqual(arena.bytes);
        expect(a.bytes).toBeGreaterThanOrEqual(4 * 3 * Number(plan.tensors[a.id]!.shape[1]));
        for (const b of placed) {
          if (a.id >= b.id || a.last < b.first || b.last < a.first) continue;
          const apart = a.offsetBytes + a.bytes <= b.offsetBytes || b.offsetBytes + b.bytes <= a.offsetBytes;
          expect(apart).toBe(true);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("a long chain reuses memory: three buffers for a chain of thirty", () => {
  const plan = chain(
    Array(30).fill(256),
    [...Array(30).keys()].map((id) => [Math.max(0, id - 1)]),
  );
  expect(planArena(plan).bytes).toBeLessThanOrEqual(3 * 3 * 256 * 4);
});
