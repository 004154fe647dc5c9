import { toF32 } from "../../../src/core/weights/convert.ts";
import { quantizeQ8 } from "../../../src/core/weights/q8.ts";
import type { Weight } from "./harness.ts";

/** A matrix as blocks of q8_0, with the values that they stand for; as it is where rows are not whole blocks. */
export function quantize({ shape, data }: Weight): Weight {
  if (shape.length === 1 || shape.at(-1)! % 32 !== 0) return { shape, data };
  const blocks = quantizeQ8(data, "test");
  const values = new Float32Array(data.length);
  toF32(blocks, "q8_0", values);
  return { shape, data: values, blocks };
}
