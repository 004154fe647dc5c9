// include: f16Value
// include: nibbles
// The matrix `weight` by packs, as include/weights.wgsl has it, of q4_k: a row is its nibbles, eight a word, then four words
// for each block of 256 elements: d and dMin in f16; the lower four bits of the scales of its eight groups; those of the
// minimums; the upper two bits of the scales, then of the minimums.
alias Packed = u32;
/// Where a row begins.
fn weight_row(row: u32) -> u32 { return row * (p.stride / 2u + p.stride / 16u); }
/// A pack of the row that begins at `start`.
fn weight_pack(start: u32, pack: u32) -> vec4<f32> {
  let block = start + p.stride / 2u + pack / 64u * 4u;
  let group = pack / 8u % 8u;
  let upper = weight[block + 3u] >> (2u * group);
  let scale = ((weight[block + 1u] >> (4u * group)) & 15u) | ((upper & 3u) << 4u);
  let minimum = ((weight[block + 2u] >> (4u * group)) & 15u) | (((upper >> 16u) & 3u) << 4u);
  let factors = weight[block];
  // Products of 11 with 6 and 4 bits are exact, whether the compiler fuses them with the difference or not.
  return f16_value(factors) * f32(scale) * vec4<f32>(nibbles_of(start, pack)) - f16_value(factors >> 16u) * f32(minimum);
}
fn weight_at(row: u32, pack: u32) -> vec4<f32> { return weight_pack(weight_row(row), pack); }
