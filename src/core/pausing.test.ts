import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Pausing, runInSlices, runNow } from "./pausing.ts";

let clock = 0;
beforeEach(() => {
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Moves the fake clock by 2 ms between pauses. */
function* work(steps: number, log: number[] = []): Pausing<number> {
  for (let step = 0; step < steps; step++) {
    clock += 2;
    log.push(step);
    yield;
  }
  return steps;
}

test("a computation that fits in a slice does not wait, and a longer one lets the event loop run", async () => {
  let turns = 0;
  const count = () => {
    turns++;
    if (turns < 1000) setTimeout(count, 0);
  };
  setTimeout(count, 0);
  expect(await runInSlices(work(2), { what: "work" })).toBe(2);
  expect(turns).toBe(0);
  expect(await runInSlices(work(40), { what: "work" })).toBe(40);
  expect(turns).toBeGreaterThan(4);
  turns = 1000;
});

test("several computations take turns, one slice each", async () => {
  const logs: number[][] = [[], []];
  let other = 0;
  await Promise.all([
    runInSlices(work(30, logs[0]), { what: "work" }).then(() => (other = logs[1]!.length)),
    runInSlices(work(30, logs[1]), { what: "work" }),
  ]);
  expect(other).toBeGreaterThan(10);
  expect(logs.map(({ length }) => length)).toEqual([30, 30]);
});

test("a signal ends a computation between two slices", async () => {
  const log: number[] = [];
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("gone")), 0);
  await expect(runInSlices(work(500, log), { what: "work", signal: abort.signal })).rejects.toMatchObject({
    code: "aborted",
    message: "Cannot work as the caller aborted it",
    cause: new Error("gone"),
  });
  expect(log.length).toBeLessThan(250);
  const before = log.length;
  await expect(runInSlices(work(1, log), { what: "work", signal: abort.signal })).rejects.toThrow(
    "aborted it",
  );
  expect(log.length).toBe(before);
});

test("runNow runs a computation without a pause", () => {
  expect(runNow(work(3))).toBe(3);
});
