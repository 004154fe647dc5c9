import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { independent } from "./independent.ts";

/** Attention from one offset to another; 0 between all others. */
const attending = (pairs: Readonly<Record<string, number>>) => (query: number, key: number) =>
  pairs[`${query} to ${key}`] ?? 0;

const entropy = [0.5, 0.2, 0.4, 0];

test.each([
  ["all without attention", {}, [0, 1, 2, 3]],
  ["the more certain of two that attend to each other", { "0 to 1": 0.1 }, [1, 2, 3]],
  ["whichever of them attends", { "1 to 0": 0.1 }, [1, 2, 3]],
  ["both of two if one is certain", { "0 to 3": 0.9, "3 to 0": 0.9 }, [0, 1, 2, 3]],
  ["a position whose neighbour is not committed", { "2 to 1": 0.1, "0 to 2": 0.1 }, [0, 1, 3]],
  ["both of two that hardly attend to each other", { "0 to 1": 0.01 }, [0, 1, 2, 3]],
])("commits %s", (_, pairs, commits) => {
  const view = viewOf({ length: 4, entropy, coupling: attending(pairs) });
  expect(decide(independent, { edge: 0.01 }, view).commits.toSorted()).toEqual(commits);
});
