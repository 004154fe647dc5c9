// include: f16Value
// The matrix `weight` by packs, as include/weights.wgsl has it, of q8_0: a row is `p.stride` words of four signed bytes,
// then the f16 scales of its blocks of 32 elements, two a word.
alias Packed = u32;
/// Where a row begins.
fn weight_row(row: u32) -> u32 { return row * (p.stride + (p.stride + 15u) / 16u); }
/// A pack of the row that begins at `start`.
fn weight_pack(start: u32, pack: u32) -> vec4<f32> {
  let bytes = vec4<u32>(weight[start + pack]) << vec4<u32>(24u, 16u, 8u, 0u);
  let scales = weight[start + p.stride + pack / 16u];
  return f16_value(scales >> (pack / 8u % 2u * 16u)) * vec4<f32>(bitcast<vec4<i32>>(bytes) >> vec4<u32>(24u));
}
fn weight_at(row: u32, pack: u32) -> vec4<f32> { return weight_pack(weight_row(row), pack); }
