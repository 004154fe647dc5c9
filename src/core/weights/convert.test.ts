import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { f32ToBf16, f32ToF16 } from "../../../test/support/safetensors.ts";
import { dtypeBytes, f16ToF32 } from "../tensor/dtype.ts";
import { toF32 } from "./convert.ts";

const view = new DataView(new ArrayBuffer(4));
const bf16ToF32 = (bits: number) => {
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
};

/** All 65536 bit patterns at an odd address. */
const everyHalf = () => {
  const bytes = new Uint8Array(2 * 65536 + 1).subarray(1);
  for (let bits = 0; bits < 65536; bits++) bytes.set([bits & 255, bits >> 8], 2 * bits);
  return bytes;
};

test.each([
  ["f16", f16ToF32],
  ["bf16", bf16ToF32],
] as const)("every %s", (dtype, expected) => {
  const out = new Float32Array(65536);
  toF32(everyHalf(), dtype, out);
  for (let bits = 0; bits < 65536; bits++) {
    if (!Object.is(out[bits], expected(bits))) throw new Error(`bits ${bits}: found ${out[bits]}`);
  }
});

test("known values", () => {
  const out = new Float32Array(8);
  toF32(Uint8Array.of(0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00), "f16", out);
  toF32(Uint8Array.of(0x80, 0x3f, 0x00, 0xc0), "bf16", out, 4);
  toF32(Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x7f), "f32", out, 6);
  expect([...out]).toEqual([1, -2, 65504, 2 ** -24, 1, -2, 1, Infinity]);
});

describe.each(["f32", "f16", "bf16"] as const)("%s", (dtype) => {
  const exact = (value: number) =>
    dtype === "f32"
      ? Math.fround(value)
      : dtype === "f16"
        ? f16ToF32(f32ToF16(value))
        : bf16ToF32(f32ToBf16(value));

  test("any values, at any address, to any place, leaving the rest alone", () => {
    const values = fc.array(fc.float({ noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(values, fc.nat(7), fc.nat(5), fc.nat(5), (numbers, shift, outShift, outOffset) => {
        const expected = numbers.map(exact);
        const bytes = new Uint8Array(shift + dtypeBytes(dtype, numbers.length)).subarray(shift);
        const data = new DataView(bytes.buffer, shift);
        expected.forEach((value, i) => {
          if (dtype === "f32") data.setFloat32(4 * i, value, true);
          else data.setUint16(2 * i, dtype === "f16" ? f32ToF16(value) : f32ToBf16(value), true);
        });
        const out = new Float32Array(outShift + outOffset + numbers.length + 2).fill(7).subarray(outShift);
        toF32(bytes, dtype, out, outOffset);
        expect([...out]).toEqual([...new Array(outOffset).fill(7), ...expected, 7, 7]);
      }),
    );
  });

  test.each([
    [3, 4, 0],
    [8, 1, 0],
    [4, 2, 2],
    [4, 4, -1],
  ])("refuses %d bytes for %d elements from %d on", (bytes, count, offset) => {
    expect(() => toF32(new Uint8Array(bytes), dtype, new Float32Array(count), offset)).toThrow(
      expect.objectContaining({ code: "internal" }),
    );
  });
});

test("refuses integers", () => {
  expect(() => toF32(new Uint8Array(4), "i8", new Float32Array(4))).toThrow("found i8");
});
