// include: f16Value
// The matrix `weight` of q4_0 by words of four signed bytes, and its scales; include/weights.q4_0.wgsl has the arrangement.
alias Packed = u32;
fn weight_start(row: u32) -> u32 { return row * (p.stride / 2u + (p.stride + 15u) / 16u); }
fn weight_word(row: u32, word: u32) -> u32 {
  let bits = weight[weight_start(row) + word / 2u] >> (word % 2u * 16u);
  let nibbles = (bits & 15u) | ((bits & 0xf0u) << 4u) | ((bits & 0xf00u) << 8u) | ((bits & 0xf000u) << 12u);
  // Less 8 is the sign of four bits turned; 30 times that bit are the upper bits of a negative byte.
  let signed = nibbles ^ 0x08080808u;
  return signed | ((signed & 0x08080808u) * 30u);
}
fn weight_scale(row: u32, block: u32) -> f32 {
  return f16_value(weight[weight_start(row) + p.stride / 2u + block / 2u] >> (block % 2u * 16u));
}
