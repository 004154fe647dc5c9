import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dtypeInfo, f16ToF32, type QuantizedDType, quantizedDTypes } from "../../src/core/tensor/dtype.ts";
import { blockFormats } from "../../src/core/weights/blocks.ts";

interface Vector {
  readonly dtype: QuantizedDType;
  readonly blocks: string;
  readonly values: string;
}
const file = new URL("../fixtures/blocks/blocks.json", import.meta.url);
const vectors: { readonly dequantized: readonly Vector[]; readonly quantized: readonly Vector[] } =
  JSON.parse(readFileSync(file, "utf8"));
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
const floatsOf = (text: string) => new Float32Array(bytesOf(text).buffer);

test.each(vectors.dequantized)("$dtype: llama.cpp's own values of blocks, bit for bit", (vector) => {
  const expected = floatsOf(vector.values);
  const values = new Float32Array(expected.length);
  blockFormats[vector.dtype].dequantize(bytesOf(vector.blocks), values, 0);
  expect(values).toEqual(expected);
});

test.each(vectors.quantized)("$dtype: llama.cpp's own blocks of values, byte for byte", (vector) => {
  expect(blockFormats[vector.dtype].quantize(floatsOf(vector.values), "w")).toEqual(bytesOf(vector.blocks));
});

/** Element `index` of a block, by the words of the format: one element at a time, bit by bit. */
const elementOf: Readonly<Record<QuantizedDType, (block: Uint8Array, index: number) => number>> = {
  q8_0: (block, index) => half(block, 0) * ((block[2 + index]! << 24) >> 24),
  q4_0: (block, index) => half(block, 0) * (nibble(block, 2 + (index % 16), index >= 16) - 8),
  q4_k: (block, index) => {
    const group = Math.floor(index / 32);
    const [scale, minimum] = sixBits(block.subarray(4, 16), group);
    const at = 16 + 32 * Math.floor(index / 64) + (index % 32);
    const product = half(block, 0) * scale * nibble(block, at, group % 2 === 1);
    return Math.fround(product - half(block, 2) * minimum);
  },
  q6_k: (block, index) => {
    const [part, within] = [Math.floor(index / 128), index % 128];
    const lower = nibble(block, 64 * part + (within % 64), within >= 64);
    const upper = Math.floor(block[128 + 32 * part + (within % 32)]! / 4 ** Math.floor(within / 32)) % 4;
    const scale = (block[192 + Math.floor(index / 16)]! << 24) >> 24;
    return half(block, 208) * scale * (lower + 16 * upper - 32);
  },
};
const half = (block: Uint8Array, at: number) => f16ToF32(block[at]! + 256 * block[at + 1]!);
const nibble = (block: Uint8Array, at: number, upper: boolean) =>
  upper ? Math.floor(block[at]! / 16) : block[at]! % 16;
function sixBits(packed: Uint8Array, group: number): readonly [number, number] {
  if (group < 4) return [packed[group]! % 64, packed[group + 4]! % 64];
  const top = (byte: number) => 16 * Math.floor(byte / 64);
  const both = packed[group + 4]!;
  return [(both % 16) + top(packed[group - 4]!), Math.floor(both / 16) + top(packed[group]!)];
}

describe.each(quantizedDTypes)("%s", (dtype) => {
  const { blockElements, blockBytes } = dtypeInfo(dtype);
  const { quantize, dequantize } = blockFormats[dtype];

  test("any block, at any address, has the values that a second definition gives", () => {
    const block = fc.uint8Array({ minLength: blockBytes, maxLength: blockBytes });
    fc.assert(
      fc.property(block, block, (one, other) => {
        const bytes = new Uint8Array(1 + 2 * blockBytes).subarray(1);
        bytes.set(one);
        bytes.set(other, blockBytes);
        const values = new Float32Array(2 + 2 * blockElements).fill(7);
        dequantize(bytes, values, 1);
        expect([values[0], values.at(-1)]).toEqual([7, 7]);
        const expected = [one, other].flatMap((each) =>
          Array.from({ length: blockElements }, (_, index) => Math.fround(elementOf[dtype](each, index))),
        );
        expect([...values.subarray(1, -1)].map((value) => value + 0)).toEqual(
          expected.map((value) => value + 0),
        );
      }),
    );
  });

  test("zeros stay zeros", () => {
    const back = new Float32Array(blockElements).fill(1);
    dequantize(quantize(new Float32Array(blockElements), "w"), back, 0);
    expect(back.every((value) => value === 0)).toBe(true);
  });

  test.each([Number.NaN, Infinity, -Infinity, 3e38])("a block with %d cannot be quantized", (value) => {
    const values = new Float32Array(blockElements).fill(1);
    values[5] = value;
    expect(() => quantize(values, "layers.0.qkv")).toThrow(
      expect.objectContaining({
        code: "invalid-weights",
        message: expect.stringContaining(`Cannot quantize 'layers.0.qkv' to ${dtype}`),
      }),
    );
  });
});
