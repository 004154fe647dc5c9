import { describe, expect, test } from "vitest";
import { bind, type Choice } from "../../declare/index.ts";
import type { CacheState, CacheView } from "../policy.ts";
import { referencePolicies } from "./referencePolicies.ts";
import { unrolledIterations } from "./unrolling.ts";

/** Two blocks of 4 positions behind a prompt of 4. */
const length = 12;
function viewOf(block: number, openCount: number, smoothing = false): CacheView {
  const start = 4 + 4 * block;
  const end = start + 4;
  return {
    start,
    end,
    previous: block === 0 ? undefined : start - 4,
    subBlock: { start, end },
    rows: { start, end },
    openCount,
    length,
    smoothing,
  };
}

/** The passes of views one after the other: start, end, r for a refresh, and h where the block is held behind the pass. */
function passes(choice: Choice, views: readonly CacheView[]): string[] {
  const { declaration, parameters } = bind("cache", referencePolicies, choice);
  let state: CacheState = declaration.initial;
  return views.map((view) => {
    const pass = declaration.next(state, view, parameters);
    state = pass.state;
    const marks = `${pass.refresh ? "r" : ""}${declaration.holdsBlock!(state) ? "h" : ""}`;
    return `${pass.start}-${pass.end}${marks}@${state.iteration}`;
  });
}

const first = viewOf(0, 4);
const second = viewOf(1, 4);

describe("an iteration with a refresh holds its block until the window pass", () => {
  test.each([
    ["dInferPrefix", ["0-12rh@0", "4-12@1", "4-12@2", "0-12rh@2", "8-12@3"]],
    ["dInferDual", ["0-12rh@0", "4-8@1", "4-8@2", "0-12rh@2", "8-12@3"]],
  ])("%s", (name, expected) => {
    expect(passes({ name }, [first, first, first, second, second])).toEqual(expected);
  });

  test("dInferVicinity counts refreshes as iterations, and makes one refresh in the first block", () => {
    const vicinity = { name: "dInferVicinity", left: 1, right: 1, warmup: 1 };
    expect(passes(vicinity, [first, first, first, first, second, second])).toEqual([
      "0-12@1",
      "0-12rh@2",
      "3-9@3",
      "3-9@4",
      "0-12rh@5",
      "7-12@6",
    ]);
  });

  test("with smoothing every refresh counts as an iteration", () => {
    const smooth = viewOf(0, 4, true);
    expect(passes({ name: "dInferDual" }, [smooth, smooth])).toEqual(["0-12rh@1", "4-8@2"]);
  });

  test("a refresh is due at multiples of refreshEvery", () => {
    const found = passes({ name: "dInferDual", refreshEvery: 2 }, [first, first, first, first, first]);
    expect(found).toEqual(["0-12rh@0", "4-8@1", "4-8@2", "0-12rh@2", "4-8@3"]);
  });
});

test("unrolled iterations hold a block that is complete", () => {
  const complete = viewOf(0, 0);
  const unrolled = { name: "dInferNone", unrollExpected: 2 };
  expect(passes(unrolled, [first, complete])).toEqual(["0-12h@1", "0-12@2"]);
  expect(passes({ name: "dInferNone" }, [first, complete])).toEqual(["0-12@1", "0-12@2"]);
  expect(passes({ ...unrolled, name: "dInferDual" }, [first, first, complete, complete])).toEqual([
    "0-12rh@0",
    "4-8h@1",
    "4-8@2",
    "4-8@3",
  ]);
});

test("the number of iterations before the implementation checks the block", () => {
  const unrolling = { unrollExpected: 8, unrollMaximum: 4 };
  expect([64, 31, 15, 7].map((count) => unrolledIterations(unrolling, count))).toEqual([4, 3, 1, 1]);
  expect(unrolledIterations({ ...unrolling, unrollExpected: null }, 64)).toBe(1);
});
