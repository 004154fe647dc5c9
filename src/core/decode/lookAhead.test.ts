import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, decideInFull, viewOf } from "../../../test/support/decoding.ts";
import { lookAhead } from "./lookAhead.ts";

const entropy = [0.01, 0.4, 0.02, 0.3, 0.5];
const confidence = [0.99, 0.6, 0.98, 0.8, 0.8];

test.each([
  ["the most confident of what is left, lower offsets first among equals", { branches: 2 }, [3, 4]],
  ["as many as there are", { branches: 8 }, [3, 4, 1]],
  ["none if one position is left", { gamma: 0.4 }, []],
])("proposes %s", (_, parameters, offsets) => {
  const view = viewOf({ length: 5, entropy, confidence });
  const { commits, branches } = decideInFull(lookAhead, { gamma: 0.02, ...parameters }, view);
  const committed = commits.map(({ offset }) => offset);
  expect(committed.slice(0, 2)).toEqual([0, 2]);
  expect(branches).toEqual(
    offsets.map((offset) => ({ offset, token: offset, confidence: Math.fround(confidence[offset]!) })),
  );
});

test("commits as entropyBound", () => {
  expect(decide(lookAhead, { gamma: 0 }, viewOf({ length: 5, entropy, confidence })).commits).toEqual([0]);
});

describe("goes on from", () => {
  const choose = (
    views: readonly { open: readonly number[]; own: number; all: readonly number[] }[],
    rest = {},
  ) =>
    lookAhead.lookAhead!.choose(
      views.map(({ open, own, all }) => ({
        view: viewOf({ length: all.length, open, confidence: all }),
        certainty: own,
      })),
      { gamma: 0.1, branches: 3, weight: 0.25, part: 0.5, ...rest },
    );
  const asItIs = { open: [0, 1, 2, 3], own: 1, all: [0.5, 0.9, 0.6, 0.9] };

  test("the block whose least confident half is most confident", () => {
    // Of the block as it is .25 + .75 * .55; of the branch .225 + .75 * .8: offset 1 alone, of three.
    const branch = { open: [1, 2, 3], own: 0.9, all: [0, 0.8, 0.9, 0.9] };
    expect(choose([asItIs, branch])).toBe(1);
  });

  test("the block as it is, if a branch is as certain", () => {
    expect(choose([asItIs, asItIs])).toBe(0);
    expect(choose([asItIs, { ...asItIs, own: 0.9 }])).toBe(0);
  });

  test("a certain block of which nothing is open", () => {
    expect(choose([asItIs, { open: [], own: 0.5, all: [0.1, 0.1] }], { weight: 0.1 })).toBe(1);
  });

  test("what a second definition says", () => {
    const number = fc.double({ min: 0, max: 1, noNaN: true }).map(Math.fround);
    const block = fc
      .record({ own: number, all: fc.array(number, { minLength: 1, maxLength: 9 }) })
      .chain(({ own, all }) =>
        fc.record({ own: fc.constant(own), all: fc.constant(all), open: fc.subarray([...all.keys()]) }),
      );
    const property = fc.property(
      fc.array(block, { minLength: 1, maxLength: 4 }),
      number,
      number,
      (blocks, weight, part) => {
        const score = ({ own, all, open }: (typeof blocks)[number]) => {
          const ascending = open.map((offset) => all[offset]!).sort((a, b) => a - b);
          const lowest = ascending.slice(0, Math.max(1, Math.floor(part * open.length)));
          const mean = open.length === 0 ? 1 : lowest.reduce((sum, each) => sum + each, 0) / lowest.length;
          return weight * own + (1 - weight) * mean;
        };
        const scores = blocks.map(score);
        const found = choose(blocks, { weight, part });
        // In f32 blocks that are nearly as certain can change places.
        expect(scores[found]).toBeGreaterThan(Math.max(...scores) - 1e-6);
        expect(scores.slice(0, found).every((each) => each < scores[found]! + 1e-6)).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 1000, seed: 4 });
  });
});
