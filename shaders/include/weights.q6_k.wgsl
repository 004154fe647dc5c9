// include: f16Value
// include: nibbles
// The matrix `weight` by packs, as include/weights.wgsl has it, of q6_k: a row is the lower four bits of its elements, eight
// a word; the upper two, sixteen a word; the signed scales of groups of 16 elements, four a word; and a number d in f16 for
// each block of 256, two a word.
alias Packed = u32;
/// Where a row begins.
fn weight_row(row: u32) -> u32 { return row * (p.stride / 16u * 13u + (p.stride + 127u) / 128u); }
/// A pack of the row that begins at `start`.
fn weight_pack(start: u32, pack: u32) -> vec4<f32> {
  let upper = weight[start + p.stride / 2u + pack / 4u] >> (pack % 4u * 8u);
  let bits = nibbles_of(start, pack) | (((vec4<u32>(upper) >> vec4<u32>(0u, 2u, 4u, 6u)) & vec4<u32>(3u)) << vec4<u32>(4u));
  let scales_at = start + p.stride / 4u * 3u;
  let scale = bitcast<i32>(weight[scales_at + pack / 16u] << (24u - pack / 4u % 4u * 8u)) >> 24u;
  let d = f16_value(weight[scales_at + p.stride / 16u + pack / 128u] >> (pack / 64u % 2u * 16u));
  return d * f32(scale) * (vec4<f32>(bits) - 32.0);
}
fn weight_at(row: u32, pack: u32) -> vec4<f32> { return weight_pack(weight_row(row), pack); }
