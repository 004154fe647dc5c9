/** Types of weights and of the K/V pool, numbered as `numberOf` of the host has them. */
export const enum DType {
  f32,
  f16,
  bf16,
  q8_0,
}

/** Elements of a block of a quantized type, which share a scale. */
export const blockElements: i32 = 32;
