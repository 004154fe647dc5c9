import { expect, test } from "vitest";
import { emptyPassStatistics, gatheredLogits, rowsOf } from "./statistics.ts";

test("rows are in the order of the head requests", () => {
  const statistics = emptyPassStatistics([
    { positions: [4, 7] },
    { positions: [] },
    { positions: [0, 1, 2] },
  ]);
  expect([...statistics.rowStarts]).toEqual([0, 2, 2, 5]);
  expect(rowsOf(statistics, 2)).toEqual({ statistics, firstRow: 2 });
  for (const values of [statistics.token, statistics.entropy, statistics.valid])
    expect(values).toHaveLength(5);
});

test("statistics that no request asks for are absent", () => {
  const { divergence, gathered, top, logits } = emptyPassStatistics([{ positions: [1] }]);
  expect([divergence, gathered, top, logits]).toEqual([undefined, undefined, undefined, undefined]);
});

test("statistics that one request asks for are allocated for the rows of all requests", () => {
  const statistics = emptyPassStatistics([
    { positions: [4, 7], gather: [[3, 5], []] },
    { positions: [2], divergence: true, top: 2 },
    { positions: [9], gather: [[8]], top: 3 },
  ]);
  const { divergence, gathered, top } = statistics;
  expect([...divergence!]).toEqual([Infinity, Infinity, Infinity, Infinity]);
  expect([...gathered!.starts]).toEqual([0, 2, 2, 2, 3]);
  gathered!.logits.set([1, 2, 3]);
  expect([0, 1, 2, 3].map((row) => [...gatheredLogits(gathered!, row)])).toEqual([[1, 2], [], [], [3]]);
  expect(top!.size).toBe(3);
  expect([...top!.logits]).toEqual(Array(12).fill(-Infinity));
});
