import { dtypeInfo } from "../../../src/core/tensor/index.ts";
import { blockFormats } from "../../../src/core/weights/blocks.ts";
import type { StoredDType, Weight } from "./harness.ts";

/**
 * A matrix in bf16, or as blocks of a quantized type, with the values that they stand for; as it is where rows are not whole blocks, and
 * without a type.
 */
export function quantize({ shape, data }: Weight, dtype: StoredDType | undefined): Weight {
  if (!dtype || shape.length === 1 || shape.at(-1)! % dtypeInfo(dtype).blockElements !== 0)
    return { shape, data };
  if (dtype === "bf16") return rounded(shape, data);
  const blocks = blockFormats[dtype].quantize(data, "test");
  const values = new Float32Array(data.length);
  blockFormats[dtype].dequantize(blocks, values, 0);
  return { shape, data: values, dtype, blocks };
}

function rounded(shape: readonly number[], data: Float32Array): Weight {
  const halves = Uint16Array.from(new Uint32Array(data.buffer, data.byteOffset, data.length), (bits) => {
    // To the nearest number, ties to even.
    return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  });
  const values = new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
  return { shape, data: values, dtype: "bf16", blocks: new Uint8Array(halves.buffer) };
}
