import { expect, test } from "vitest";
import { decide, viewOf } from "../../../test/support/decoding.ts";
import { dawn } from "./dawn.ts";

const parameters = { threshold: 0.9, induced: 0.6, low: 0.7, edge: 0.1, sink: 0.5 };
/** Attention from one offset to another; 0 between all others. */
const attending = (pairs: Readonly<Record<string, number>>) => (query: number, key: number) =>
  pairs[`${query} to ${key}`] ?? 0;

/** Offset 0 is decided. */
const view = (confidence: readonly number[], pairs: Readonly<Record<string, number>> = {}, anchor = 0.95) =>
  viewOf({
    length: 5,
    open: [1, 2, 3, 4],
    confidence,
    bestProbability: [anchor, 0, 0, 0, 0],
    coupling: attending(pairs),
  });

test.each([
  ["sure positions", [0, 0.95, 0.9, 0.5, 0.4], {}, [1, 2]],
  ["the best position if none is sure", [0, 0.3, 0.5, 0.5, 0.4], {}, [2]],
  ["what attends to a sure, decided position", [0, 0.95, 0.65, 0.65, 0.4], { "2 to 0": 0.2 }, [1, 2]],
  ["positions that do not attend to each other", [0, 0.8, 0.75, 0.71, 0.4], { "2 to 1": 0.2 }, [1, 3]],
  ["whichever of two attends", [0, 0.8, 0.75, 0.71, 0.4], { "1 to 2": 0.2 }, [1, 3]],
  ["nothing that attends to what commits anyway", [0, 0.95, 0.8, 0.4, 0.4], { "2 to 1": 0.2 }, [1]],
])("commits %s", (_, confidence, pairs, commits) => {
  expect(decide(dawn, parameters, view(confidence, pairs)).commits.toSorted()).toEqual(commits);
});

test("a decided position that the model doubts induces nothing", () => {
  const doubted = view([0, 0.95, 0.65, 0.4, 0.4], { "2 to 0": 0.2 }, 0.8);
  expect(decide(dawn, parameters, doubted).commits).toEqual([1]);
});

test("a sink has no edges to others", () => {
  const all = { "0 to 1": 1, "2 to 1": 1, "3 to 1": 1, "4 to 1": 1 };
  expect(decide(dawn, parameters, view([0, 0.95, 0.8, 0.4, 0.4], all)).commits).toEqual([1, 2]);
});

test("a filled block needs no commit", () => {
  expect(decide(dawn, parameters, viewOf({ length: 2, open: [] })).commits).toEqual([]);
});
