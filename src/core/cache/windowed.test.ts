import { expect, test } from "vitest";
import { bind } from "../declare/index.ts";
import { dual } from "./dual.ts";
import type { CachePolicy, CacheView } from "./policy.ts";
import { vicinity } from "./vicinity.ts";

/** The ranges of passes over a sequence of 40 positions, whose first ones are a prompt: three in each of three blocks of eight. */
function passesOf(policy: CachePolicy, parameters: Readonly<Record<string, unknown>>): readonly string[] {
  const bound = bind("cache", [policy], { name: policy.name, ...parameters }).parameters;
  let state = policy.initial;
  return [16, 24, 32].flatMap((start) =>
    [1, 2, 3].map(() => {
      const subBlock = { start, end: start + 8 };
      const view: CacheView = {
        ...subBlock,
        subBlock,
        rows: subBlock,
        previous: start > 16 ? start - 8 : undefined,
        openCount: 8,
        length: 40,
        smoothing: false,
      };
      const pass = policy.next(state, view, bound);
      state = pass.state;
      return `${pass.start}-${pass.end}${pass.refresh ? " refresh" : ""}`;
    }),
  );
}

const refresh = "0-40 refresh";

test.each<[string, CachePolicy, Readonly<Record<string, unknown>>, readonly string[]]>([
  [
    "at every entry",
    dual,
    {},
    [refresh, "16-24", "16-24", refresh, "24-32", "24-32", refresh, "32-40", "32-40"],
  ],
  [
    "at the first entry only",
    dual,
    { refreshAtEntry: false },
    [refresh, "16-24", "16-24", "24-32", "24-32", "24-32", "32-40", "32-40", "32-40"],
  ],
  [
    "at the first entry, and every fourth pass",
    dual,
    { refreshAtEntry: false, refreshEvery: 4 },
    [refresh, "16-24", "16-24", "24-32", refresh, "24-32", "32-40", "32-40", refresh],
  ],
  [
    "at the first entry only, after warm-up passes that keep nothing",
    vicinity,
    { refreshAtEntry: false, warmup: 2, left: 4, right: 2 },
    ["0-40", "0-40", refresh, "20-34", "20-34", "20-34", "28-40", "28-40", "28-40"],
  ],
])("refreshes %s", (_, policy, parameters, expected) => {
  expect(passesOf(policy, parameters)).toEqual(expected);
});
