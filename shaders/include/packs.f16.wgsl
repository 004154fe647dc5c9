// Four consecutive elements, stored as f16, on devices without the shader-f16 feature.
alias Packed = vec2<u32>;
fn unpack(bits: Packed) -> vec4<f32> { return vec4<f32>(unpack2x16float(bits.x), unpack2x16float(bits.y)); }
