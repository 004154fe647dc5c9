// silu(gate) * up, element by element.
fn gate(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a / (1.0 + exp(-a)) * b; }
