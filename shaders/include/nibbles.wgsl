/// A pack of four nibbles; two packs a word from `start` on.
fn nibbles_of(start: u32, pack: u32) -> vec4<u32> {
  let word = weight[start + pack / 2u] >> (pack % 2u * 16u);
  return (vec4<u32>(word) >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u);
}
