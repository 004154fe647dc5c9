import { elementCount } from "../../src/core/tensor/dtype.ts";
import type { LayoutTensor } from "./layouts.ts";
import { safetensors, type TestTensor } from "./safetensors.ts";

/** Random tensors in the layout's dtype, bf16 by default. The weights of norms are around 1. */
export function randomTensors(layout: readonly LayoutTensor[], random: () => number): readonly TestTensor[] {
  return layout.map(({ name, shape, dtype }): TestTensor => {
    const center = name.includes("norm") ? 1 : 0;
    const data = Array.from({ length: elementCount(shape) }, () => center + (random() - 0.5) * 0.6);
    return { name, shape, dtype: dtype ?? "bf16", data };
  });
}

/** A safetensors file with random tensors. */
export function smallCheckpoint(layout: readonly LayoutTensor[], random: () => number): Uint8Array {
  return safetensors(randomTensors(layout, random));
}
