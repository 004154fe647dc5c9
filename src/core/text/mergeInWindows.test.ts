import fc from "fast-check";
import { expect, test } from "vitest";
import { runNow } from "../pausing.ts";
import { mergeInWindows } from "./mergeInWindows.ts";
import { mergePairs } from "./mergePairs.ts";
import { PairTable } from "./pairTable.ts";

/** Merges by the definition: repeatedly the leftmost of the pairs with the lowest rank. */
function naive(symbols: readonly number[], table: PairTable): number[] {
  const ids = [...symbols];
  for (;;) {
    const ranks = ids.slice(1).map((right, index) => table.rankOf(ids[index]!, right));
    const possible = ranks.filter((rank) => rank >= 0);
    if (possible.length === 0) return ids;
    const rank = Math.min(...possible);
    ids.splice(ranks.indexOf(rank), 2, table.merged(rank));
  }
}

/** A vocabulary over two letters, made by random merges, which overlap more than those of any trained vocabulary. */
const tables = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 24 }).map((picks) => {
  const tokens = ["a", "b"];
  const merges = new Map<string, readonly [string, string]>();
  for (const [left, right] of picks) {
    const pair = [tokens[left % tokens.length]!, tokens[right % tokens.length]!] as const;
    if (pair.join("").length > 12 || merges.has(pair.join(" "))) continue;
    merges.set(pair.join(" "), pair);
    if (!tokens.includes(pair.join(""))) tokens.push(pair.join(""));
  }
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  return new PairTable([...merges.values()], { idOf, prefix: "", name: "tokenizer.json" });
});
const words = fc.oneof(
  fc.array(fc.nat({ max: 1 }), { maxLength: 300 }),
  fc
    .tuple(fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 5 }), fc.nat({ max: 120 }))
    .map(([unit, count]) => Array(count).fill(unit).flat() as number[]),
);

test("windows of any length give the tokens of the whole", () => {
  fc.assert(
    fc.property(tables, words, fc.integer({ min: 2, max: 40 }), (table, word, length) => {
      const whole = naive(word, table);
      expect(runNow(mergePairs(word, table)).ids).toEqual(whole);
      const windows = [...mergeInWindows(word.values(), table, length)].flatMap((ids) => ids ?? []);
      expect(windows).toEqual(whole);
    }),
    { numRuns: 400 },
  );
});

test("the time for a long word is linear in its length, and each step is short", () => {
  const idOf = new Map(["a", "aa", "aaaa"].map((token, id) => [token, id]));
  const table = new PairTable(["a a", "aa aa"], { idOf, prefix: "", name: "tokenizer.json" });
  let read = 0;
  function* symbols(count: number): Generator<number> {
    for (; read < count; read++) yield 0;
  }
  let tokens = 0;
  let maxStep = 0;
  let before = 0;
  for (const ids of mergeInWindows(symbols(400_000), table)) {
    maxStep = Math.max(maxStep, read - before);
    before = read;
    tokens += ids?.length ?? 0;
  }
  expect(tokens).toBe(100_000);
  expect(maxStep).toBeLessThanOrEqual(4096);
});

test("a merge of unknown tokens is an error", () => {
  const idOf = new Map([["a", 0]]);
  expect(() => new PairTable(["a a"], { idOf, prefix: "", name: "my.json" })).toThrow(
    `Cannot read 'my.json' as merge 0 must join two tokens to a third: found "a a"`,
  );
});
