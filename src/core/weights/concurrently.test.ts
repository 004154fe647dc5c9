import { expect, test } from "vitest";
import { concurrently } from "./concurrently.ts";

const tick = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

test("keeps the order of the items and the limit", async () => {
  let underWay = 0;
  let most = 0;
  const results = await concurrently([5, 1, 4, 2, 3], 2, async (item) => {
    most = Math.max(most, ++underWay);
    await tick(item);
    underWay--;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

test("starts nothing after a failure", async () => {
  const started: number[] = [];
  const work = async (item: number) => {
    started.push(item);
    await tick(item);
    if (item === 1) throw new Error("one");
  };
  await expect(concurrently([1, 5, 6, 7], 2, work)).rejects.toThrow("one");
  await tick(10);
  expect(started).toEqual([1, 5]);
});

test("has nothing to do for no items", async () => {
  expect(await concurrently([], 4, async () => 1)).toEqual([]);
});
