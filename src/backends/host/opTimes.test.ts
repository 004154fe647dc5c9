import { expect, test, vi } from "vitest";
import { OpTimes } from "./opTimes.ts";

test("adds the time of each op, and lists the longest first", () => {
  vi.useFakeTimers();
  try {
    const times = new OpTimes();
    const work = (ms: number) => () => vi.advanceTimersByTime(ms);
    let at = performance.now();
    at = times.run("norm", at, work(2));
    at = times.run("linear", at, work(5));
    at = times.run("norm", at, work(1));
    expect(times.list).toEqual([
      { op: "linear", dispatches: 1, ms: 5 },
      { op: "norm", dispatches: 2, ms: 3 },
    ]);
  } finally {
    vi.useRealTimers();
  }
});
