import { expect, test } from "vitest";
import { WordCache } from "./wordCache.ts";

test("keeps the words that were used last, and never more than its bound", () => {
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

test("takes no word that is too long", () => {
  const cache = new WordCache({ maxWords: 8, maxLength: 5 });
  cache.set("longer", [1]);
  expect(cache.takes("longer")).toBe(false);
  expect([cache.get("longer"), cache.size]).toEqual([undefined, 0]);
});
