// include: f16Value
// The matrix `weight` of q8_0 by words of four signed bytes, and its scales; include/weights.q8_0.wgsl has the arrangement.
alias Packed = u32;
fn weight_start(row: u32) -> u32 { return row * (p.stride + (p.stride + 15u) / 16u); }
fn weight_word(row: u32, word: u32) -> u32 { return weight[weight_start(row) + word]; }
fn weight_scale(row: u32, block: u32) -> f32 {
  return f16_value(weight[weight_start(row) + p.stride + block / 2u] >> (block % 2u * 16u));
}
