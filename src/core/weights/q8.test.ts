import fc from "fast-check";
import { expect, test } from "vitest";
import { dtypeBytes, f16ToF32 } from "../tensor/dtype.ts";
import { convertWeights, toF32 } from "./convert.ts";
import { quantizeQ8 } from "./q8.ts";

test("a block's bytes are its scale, then its elements", () => {
  const values = Float32Array.from({ length: 32 }, (_, i) => (i === 3 ? -127 : i - 10));
  const bytes = quantizeQ8(values, "w");
  // A scale of 1.
  expect([...bytes.subarray(0, 2)]).toEqual([0x00, 0x3c]);
  expect([...new Int8Array(bytes.buffer, 2)]).toEqual([...values]);
});

test("halves are rounded away from zero, zeros stay zeros", () => {
  const values = new Float32Array(64);
  values.set([127, 0.5, -0.5, 1.49, -1.5]);
  const bytes = quantizeQ8(values, "w");
  expect([...new Int8Array(bytes.buffer, 2, 5)]).toEqual([127, 1, -1, 1, -2]);
  expect(bytes.subarray(34).every((byte) => byte === 0)).toBe(true);
});

test("every value comes back within half a step of its block, at any address", () => {
  const magnitudes = fc.integer({ min: -20, max: 20 }).map((exponent) => 2 ** exponent);
  const numbers = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 64, maxLength: 64 });
  fc.assert(
    fc.property(numbers, magnitudes, magnitudes, (shares, one, other) => {
      const values = Float32Array.from(shares, (share, i) => share * (i < 32 ? one : other));
      const bytes = new Uint8Array(1 + dtypeBytes("q8_0", 64)).subarray(1);
      bytes.set(convertWeights(new Uint8Array(values.buffer), "f32", "q8_0", "w"));
      const back = new Float32Array(66).fill(7);
      toF32(bytes, "q8_0", back, 1);
      expect([back[0], back[65]]).toEqual([7, 7]);
      for (let block = 0; block < 2; block++) {
        const own = values.subarray(32 * block, 32 * block + 32);
        const scale = f16ToF32(bytes[34 * block]! | (bytes[34 * block + 1]! << 8));
        const largest = Math.max(...own.map(Math.abs));
        // Half a step, and what the scale's 11 bits are off; beneath them steps of 2^-24.
        const bound = scale / 2 + largest * 2 ** -11 + 127 * 2 ** -25;
        own.forEach((value, i) => {
          expect(Math.abs(back[1 + 32 * block + i]! - value)).toBeLessThanOrEqual(bound);
        });
      }
    }),
  );
});

test.each([Number.NaN, Infinity, -Infinity, 1e7])("a block with %d cannot be quantized", (value) => {
  const values = new Float32Array(32);
  values[5] = value;
  values[6] = 1;
  expect(() => quantizeQ8(values, "layers.0.qkv")).toThrow(
    expect.objectContaining({
      code: "invalid-weights",
      message: expect.stringContaining("Cannot quantize 'layers.0.qkv' to q8_0"),
    }),
  );
});

test("a part of a block is a bug", () => {
  expect(() => convertWeights(new Uint8Array(4 * 33), "f32", "q8_0", "w")).toThrow(
    "a multiple of 32 elements: found 33",
  );
  expect(() => toF32(new Uint8Array(35), "q8_0", new Float32Array(64))).toThrow(
    "a multiple of 34 bytes: found 35",
  );
});
