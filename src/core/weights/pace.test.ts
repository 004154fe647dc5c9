import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

test("the rate is that of the last ten seconds", () => {
  let ms = 5000;
  const pace = new Pace(() => ms);
  expect(pace.rate(0)).toBe(0);
  // 1000 bytes per second for 20 s, then 100.
  for (let second = 1; second <= 20; second++) {
    ms += 1000;
    expect(pace.rate(1000 * second)).toBeCloseTo(1000, 6);
  }
  for (let second = 1; second <= 10; second++) {
    ms += 1000;
    expect(pace.rate(20_000 + 100 * second)).toBeCloseTo(((10 - second) * 1000 + second * 100) / 10, 6);
  }
});

test("a pause counts, and what was given up is no speed", () => {
  let ms = 0;
  const pace = new Pace(() => ms);
  ms = 1000;
  expect(pace.rate(4000)).toBe(4000);
  ms = 4000;
  expect(pace.rate(4000)).toBe(1000);
  ms = 15_000;
  expect(pace.rate(4000)).toBe(0);
});
