import fc from "fast-check";
import { expect, test } from "vitest";
import { PositionPool } from "./positionPool.ts";

test("ranges never overlap, stay inside, and come back whole", () => {
  const actions = fc.array(fc.record({ reserve: fc.boolean(), size: fc.integer({ min: 1, max: 40 }) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(actions, (steps) => {
      const pool = new PositionPool(100);
      const held: { base: number; length: number }[] = [];
      for (const { reserve, size } of steps) {
        if (!reserve) {
          const range = held.splice(size % Math.max(1, held.length), 1)[0];
          if (range) pool.release(range.base, range.length);
          continue;
        }
        const base = pool.reserve(size);
        if (base === undefined) continue;
        expect(base >= 0 && base + size <= 100).toBe(true);
        for (const other of held)
          expect(base + size <= other.base || other.base + other.length <= base).toBe(true);
        held.push({ base, length: size });
      }
      expect(pool.free).toBe(100 - held.reduce((sum, { length }) => sum + length, 0));
      for (const { base, length } of held) pool.release(base, length);
      expect(pool.reserve(100)).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test("a range that is released twice is a bug", () => {
  const pool = new PositionPool(10);
  pool.reserve(4);
  pool.release(0, 4);
  expect(() => pool.release(0, 4)).toThrow("released twice");
});
