/** The quantized types: how blocks are made of values, and values of blocks. */
import type { QuantizedDType } from "../tensor/dtype.ts";
import { dequantizeQ4, quantizeQ4 } from "./q4.ts";
import { dequantizeQ4K, quantizeQ4K } from "./q4k.ts";
import { dequantizeQ6K, quantizeQ6K } from "./q6k.ts";
import { dequantizeQ8, quantizeQ8 } from "./q8.ts";

interface BlockFormat {
  /**
   * The blocks of values, whose number is a multiple of the block's elements.
   * @param name the weight's, for errors
   * @throws DiffusionError `invalid-weights` if a value is not finite, or too large for a scale in f16
   */
  quantize(values: Float32Array, name: string): Uint8Array;
  /** Writes the values of whole blocks to `out`, from element `outOffset` on. The bytes may start at any address. */
  dequantize(bytes: Uint8Array, out: Float32Array, outOffset: number): void;
}

export const blockFormats: Readonly<Record<QuantizedDType, BlockFormat>> = {
  q8_0: { quantize: quantizeQ8, dequantize: dequantizeQ8 },
  q6_k: { quantize: quantizeQ6K, dequantize: dequantizeQ6K },
  q4_k: { quantize: quantizeQ4K, dequantize: dequantizeQ4K },
  q4_0: { quantize: quantizeQ4, dequantize: dequantizeQ4 },
};
