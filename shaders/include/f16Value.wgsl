/// The value of the lower 16 bits as f16. Not by unpack2x16float, which may take subnormal numbers for 0: a block of
/// weights that are all below 0.0078 has such a scale.
fn f16_value(bits: u32) -> f32 {
  let magnitude = bits & 0x7fffu;
  let value = select(bitcast<f32>((magnitude << 13u) + 0x38000000u), f32(magnitude) * 5.9604644775390625e-8, magnitude < 0x400u);
  return select(value, -value, (bits & 0x8000u) != 0u);
}
