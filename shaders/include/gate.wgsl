// silu(gate) * up, element by element of a tile.
fn gate(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a / (1.0 + exp(-a)) * b; }
fn gate_tile(a: Sums, b: Sums) -> Sums {
  return Sums(gate(a.row0, b.row0), gate(a.row1, b.row1), gate(a.row2, b.row2), gate(a.row3, b.row3));
}
