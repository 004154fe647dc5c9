/** Types of weights and of the K/V pool, numbered as `kernelDTypes` of the host has them. */
export const enum DType {
  f32,
  f16,
  bf16,
  q8_0,
  q4_0,
  q4_k,
  q6_k,
}

/** Consecutive columns of activations beside quantized weights that share a scale; a block of weights has whole ones. */
export const blockElements: i32 = 32;

@inline
export function isQuantized(dtype: i32): bool {
  return dtype >= DType.q8_0;
}

/** Bytes of a row of weights as it is stored. */
export function rowBytes(dtype: i32, columns: i32): usize {
  const blocks = <usize>(columns / blockElements);
  switch (dtype) {
    case DType.f32:
      return <usize>columns << 2;
    case DType.q8_0:
      return blocks * 34;
    case DType.q4_0:
    case DType.q4_k:
      return blocks * 18;
    case DType.q6_k:
      return (blocks >> 3) * 210;
    default:
      return <usize>columns << 1;
  }
}
