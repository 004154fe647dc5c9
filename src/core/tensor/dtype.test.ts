import fc from "fast-check";
import { expect, test } from "vitest";
import { f16ToF32, f32ToF16 } from "./dtype.ts";

test("every half survives the conversion to f32 and back", () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = f16ToF32(bits);
    if (Number.isNaN(value)) expect(f16ToF32(f32ToF16(value))).toBeNaN();
    else expect(f32ToF16(value)).toBe(bits);
  }
});

test("a number between two halves rounds to the nearer one, and to the even one at equal distance", () => {
  const halves = fc.integer({ min: 0, max: 0x7bfe });
  fc.assert(
    fc.property(
      halves,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (bits, fraction, negative) => {
        const [low, high] = [f16ToF32(bits), f16ToF32(bits + 1)];
        // The conversion first rounds to f32.
        const value = Math.fround(low + fraction * (high - low));
        const middle = (low + high) / 2;
        const expected = value < middle || (value === middle && bits % 2 === 0) ? bits : bits + 1;
        const sign = negative ? 0x8000 : 0;
        expect(f32ToF16(negative ? -value : value)).toBe(sign | expected);
      },
    ),
    { numRuns: 5000 },
  );
  expect(f32ToF16(65519.99)).toBe(0x7bff);
  expect(f32ToF16(65520)).toBe(0x7c00);
});
