// Four consecutive elements, stored as f32.
alias Packed = vec4<u32>;
fn unpack(bits: Packed) -> vec4<f32> { return bitcast<vec4<f32>>(bits); }
