import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { finish, inSlices, type Pausing } from "./pausing.ts";

let clock = 0;
beforeEach(() => {
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Holds the thread for 2 ms between pauses, by the clock. */
function* work(steps: number, log: number[] = []): Pausing<number> {
  for (let step = 0; step < steps; step++) {
    clock += 2;
    log.push(step);
    yield;
  }
  return steps;
}

test("what fits in a slice does not wait, and what does not lets others in", async () => {
  let turns = 0;
  const count = () => {
    turns++;
    if (turns < 1000) setTimeout(count, 0);
  };
  setTimeout(count, 0);
  expect(await inSlices(work(2), { what: "work" })).toBe(2);
  expect(turns).toBe(0);
  expect(await inSlices(work(40), { what: "work" })).toBe(40);
  expect(turns).toBeGreaterThan(4);
  turns = 1000;
});

test("several take turns, one slice each", async () => {
  const logs: number[][] = [[], []];
  let other = 0;
  await Promise.all([
    inSlices(work(30, logs[0]), { what: "work" }).then(() => (other = logs[1]!.length)),
    inSlices(work(30, logs[1]), { what: "work" }),
  ]);
  expect(other).toBeGreaterThan(10);
  expect(logs.map(({ length }) => length)).toEqual([30, 30]);
});

test("a signal ends it between two slices", async () => {
  const log: number[] = [];
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("gone")), 0);
  await expect(inSlices(work(500, log), { what: "work", signal: abort.signal })).rejects.toMatchObject({
    code: "aborted",
    message: "Cannot work as the caller aborted it",
    cause: new Error("gone"),
  });
  expect(log.length).toBeLessThan(250);
  const before = log.length;
  await expect(inSlices(work(1, log), { what: "work", signal: abort.signal })).rejects.toThrow("aborted it");
  expect(log.length).toBe(before);
});

test("it may be run at once", () => {
  expect(finish(work(3))).toBe(3);
});
