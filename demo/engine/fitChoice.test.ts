import { describe, expect, test } from "vitest";
import type { Fit } from "../../src/core/index.ts";
import { firstFit, isSmall, memoryBytes, verdictOf } from "./fitChoice.ts";

const gibibyte = 2 ** 30;
const fitOf = (weights: "none" | "q8_0", context: number, gib: number, problem?: string): Fit => ({
  options: { quantize: weights, cacheDType: "f32", context },
  context,
  weightBytes: (gib - 0.5) * gibibyte,
  cacheBytes: 0.25 * gibibyte,
  arenaBytes: 0.25 * gibibyte,
  ...(problem !== undefined && { problem }),
});

describe("verdictOf", () => {
  test("a limit of the device is named on every backend", () => {
    const fit = fitOf("none", 4096, 1, "the arena takes 3 bytes");
    expect(verdictOf(fit, "webgpu", 8)).toEqual({ kind: "exceeds", why: "the arena takes 3 bytes" });
    expect(verdictOf(fit, "cpu", 8)).toEqual({ kind: "exceeds", why: "the arena takes 3 bytes" });
  });

  test("a page on the CPU may take half of the memory", () => {
    expect(verdictOf(fitOf("none", 4096, 4), "cpu", 8)).toEqual({ kind: "fits" });
    const risky = verdictOf(fitOf("none", 4096, 4.1), "cpu", 8);
    expect(risky).toEqual({ kind: "risky", why: "it takes more than half of this computer's 8 GB" });
    expect(verdictOf(fitOf("none", 4096, 4.1), "cpu", undefined).kind).toBe("risky");
    expect(verdictOf(fitOf("none", 4096, 4.1), "webgpu", 8)).toEqual({ kind: "fits" });
  });
});

describe("firstFit", () => {
  const ladder = (weights: "none" | "q8_0", gib: number) =>
    [512, 1024, 4096, 8192].map((context, i) => fitOf(weights, context, gib + i));

  test("stored weights with the usual positions where they fit", () => {
    const fits = [...ladder("none", 2), ...ladder("q8_0", 1)];
    expect(firstFit({ fits, backend: "webgpu" }, 8)?.options).toMatchObject({
      quantize: "none",
      context: 4096,
    });
  });

  test("fewer positions before quantized weights, and quantized weights before very few positions", () => {
    const at = (stored: number) =>
      firstFit({ fits: [...ladder("none", stored), ...ladder("q8_0", 1)], backend: "cpu" }, 8)?.options;
    expect(at(2.5)).toMatchObject({ quantize: "none", context: 1024 });
    expect(at(3.5)).toMatchObject({ quantize: "q8_0", context: 4096 });
  });

  test("whatever fits where nothing usual does, and none where nothing does", () => {
    const fits = ladder("none", 4);
    expect(firstFit({ fits, backend: "cpu" }, 8)?.context).toBe(512);
    expect(firstFit({ fits, backend: "cpu" }, 4)).toBeUndefined();
  });

  test("a model of few positions is offered with all of them", () => {
    expect(firstFit({ fits: [fitOf("none", 192, 1)], backend: "cpu" }, 8)?.context).toBe(192);
  });
});

test("a model is small by what is still to be downloaded and by its memory", () => {
  const little = { ...fitOf("none", 512, 1), weightBytes: 1e6, cacheBytes: 1e6, arenaBytes: 1e6 };
  expect(memoryBytes(little)).toBe(3e6);
  expect(isSmall(little, {})).toBe(true);
  expect(isSmall(little, { download: { totalBytes: 900e6, presentBytes: 880e6 } })).toBe(true);
  expect(isSmall(little, { download: { totalBytes: 900e6, presentBytes: 0 } })).toBe(false);
  expect(isSmall(fitOf("none", 512, 1), {})).toBe(false);
});
