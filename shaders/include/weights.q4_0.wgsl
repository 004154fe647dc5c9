// include: f16Value
// include: nibbles
// The matrix `weight` by packs, as include/weights.wgsl has it, of q4_0: a row is its nibbles, eight a word, then the f16
// scales of its blocks of 32 elements, two a word.
alias Packed = u32;
/// Where a row begins.
fn weight_row(row: u32) -> u32 { return row * (p.stride / 2u + (p.stride + 15u) / 16u); }
/// A pack of the row that begins at `start`.
fn weight_pack(start: u32, pack: u32) -> vec4<f32> {
  let scales = weight[start + p.stride / 2u + pack / 16u];
  return f16_value(scales >> (pack / 8u % 2u * 16u)) * (vec4<f32>(nibbles_of(start, pack)) - 8.0);
}
fn weight_at(row: u32, pack: u32) -> vec4<f32> { return weight_pack(weight_row(row), pack); }
