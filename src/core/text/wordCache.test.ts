import { expect, test } from "vitest";
import { WordCache } from "./wordCache.ts";

test("keeps recently used words, and never more than the limit", () => {
  const cache = new WordCache({ maxWords: 8, maxLength: 5 });
  cache.set("often", [1]);
  for (let word = 0; word < 100; word++) {
    cache.set(`w${word}`, [word]);
    expect(cache.get("often")).toEqual([1]);
    expect(cache.size).toBeLessThanOrEqual(8);
  }
  expect(cache.get("w99")).toEqual([99]);
  expect(cache.get("w0")).toBeUndefined();
});

test("does not keep long words", () => {
  const cache = new WordCache({ maxWords: 8, maxLength: 5 });
  cache.set("longer", [1]);
  expect(cache.accepts("longer")).toBe(false);
  expect([cache.get("longer"), cache.size]).toEqual([undefined, 0]);
});
