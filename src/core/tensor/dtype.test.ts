import fc from "fast-check";
import { expect, test } from "vitest";
import { f16ToF32, f32ToF16 } from "./dtype.ts";

test("every half comes back from its value", () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = f16ToF32(bits);
    if (Number.isNaN(value)) expect(f16ToF32(f32ToF16(value))).toBeNaN();
    else expect(f32ToF16(value)).toBe(bits);
  }
});

test("between two halves the nearer one is taken, and the even one of two that are equally near", () => {
  const halves = fc.integer({ min: 0, max: 0x7bfe });
  fc.assert(
    fc.property(halves, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (bits, share, negative) => {
      const [low, high] = [f16ToF32(bits), f16ToF32(bits + 1)];
      // As f32, which is what is converted.
      const value = Math.fround(low + share * (high - low));
      const middle = (low + high) / 2;
      const expected = value < middle || (value === middle && bits % 2 === 0) ? bits : bits + 1;
      const sign = negative ? 0x8000 : 0;
      expect(f32ToF16(negative ? -value : value)).toBe(sign | expected);
    }),
    { numRuns: 5000 },
  );
  expect(f32ToF16(65519.99)).toBe(0x7bff);
  expect(f32ToF16(65520)).toBe(0x7c00);
});
