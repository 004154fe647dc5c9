// Four consecutive elements of a row of x, zeros beyond its end, in one load; rows are a multiple of four long.
alias Columns = vec4<f32>;
fn x_at(row: u32, k: u32, inner: u32) -> vec4<f32> {
  if (row == NONE || k >= inner) { return vec4<f32>(0.0); }
  return x[(row * inner + k) / 4u];
}
