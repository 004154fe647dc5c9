import { dtypeInfo, type QuantizedDType } from "../../../src/core/tensor/index.ts";
import { blockFormats } from "../../../src/core/weights/blocks.ts";
import type { Weight } from "./harness.ts";

/**
 * A matrix as blocks of a quantized type, with the values that they stand for; as it is where rows are not whole blocks, and
 * without a type.
 */
export function quantize({ shape, data }: Weight, dtype: QuantizedDType | undefined): Weight {
  if (!dtype || shape.length === 1 || shape.at(-1)! % dtypeInfo(dtype).blockElements !== 0)
    return { shape, data };
  const blocks = blockFormats[dtype].quantize(data, "test");
  const values = new Float32Array(data.length);
  blockFormats[dtype].dequantize(blocks, values, 0);
  return { shape, data: values, dtype, blocks };
}
