// Four consecutive elements, stored as bf16: the upper half of an f32.
alias Packed = vec2<u32>;
fn unpack(bits: Packed) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(bits.x << 16u, bits.x & 0xffff0000u, bits.y << 16u, bits.y & 0xffff0000u));
}
