import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, tokenBuckets } from "./buckets.ts";

test.each([
  [1, [1]],
  [32, [32]],
  [33, [32, 33]],
  [100, [32, 64, 96, 100]],
  [128, [32, 64, 96, 128]],
  [512, [32, 64, 96, 128, 192, 256, 384, 512]],
  // Without 512: 520 is less than one and a half times 384.
  [520, [32, 64, 96, 128, 192, 256, 384, 520]],
  [1024, [32, 64, 96, 128, 192, 256, 384, 512, 768, 1024]],
])("the buckets of passes of up to %d tokens", (maxTokens, buckets) => {
  expect(tokenBuckets(maxTokens)).toEqual(buckets);
});

const maxTokens = fc.integer({ min: 1, max: 2 ** 20 });

test("capacities ascend to the largest, and none can be left out", () => {
  fc.assert(
    fc.property(maxTokens, (largest) => {
      const buckets = tokenBuckets(largest);
      expect(buckets.at(-1)).toBe(largest);
      // Each capacity is within the bound of the one before it, and beyond the bound of the one before that.
      const steps = [0, ...buckets];
      const bound = (from: number) => Math.max(from + 32, 1.5 * from);
      for (let index = 1; index < steps.length; index++) {
        expect(Number.isInteger(steps[index])).toBe(true);
        expect(steps[index]).toBeGreaterThan(steps[index - 1]!);
        expect(steps[index]).toBeLessThanOrEqual(bound(steps[index - 1]!));
        if (index > 1) expect(steps[index]).toBeGreaterThan(bound(steps[index - 2]!));
      }
    }),
  );
});

test("a bucket holds its pass, the next smaller one does not, and the waste is bounded", () => {
  const pass = maxTokens.chain((largest) =>
    fc.record({ largest: fc.constant(largest), tokens: fc.integer({ min: 1, max: largest }) }),
  );
  fc.assert(
    fc.property(pass, ({ largest, tokens }) => {
      const buckets = tokenBuckets(largest);
      const bucket = bucketOf(buckets, tokens);
      expect(bucket).toBeGreaterThanOrEqual(tokens);
      const smaller = buckets[buckets.indexOf(bucket) - 1] ?? 0;
      expect(smaller).toBeLessThan(tokens);
      expect(bucket - tokens).toBeLessThan(Math.max(32, tokens / 2));
    }),
  );
});

test("a pass beyond the largest capacity has no bucket", () => {
  expect(() => bucketOf(tokenBuckets(64), 65)).toThrow(
    "Cannot prepare the pass as it must have at most 64 tokens: found 65",
  );
});
