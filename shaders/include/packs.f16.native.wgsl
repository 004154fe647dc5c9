enable f16;
// Four consecutive elements, stored as f16.
alias Packed = vec4<f16>;
fn unpack(bits: Packed) -> vec4<f32> { return vec4<f32>(bits); }
