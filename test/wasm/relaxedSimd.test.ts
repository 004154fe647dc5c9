import { afterEach, expect, test, vi } from "vitest";
import { wasm, whyNoRelaxedSimd, whyNoWasm } from "../../src/backends/wasm/index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("a runtime that runs the kernels and has no relaxed SIMD refuses the option", () => {
  // The module that tests for relaxed SIMD is tiny.
  vi.spyOn(WebAssembly, "validate").mockImplementation((module) => module.byteLength > 1000);
  expect(whyNoWasm()).toBeUndefined();
  expect(whyNoRelaxedSimd()).toBe("this runtime's WebAssembly has no relaxed SIMD");
  expect(() => wasm({ relaxedSimd: true })).toThrow(
    "Cannot use the option 'relaxedSimd' as this runtime's WebAssembly has no relaxed SIMD",
  );
});
