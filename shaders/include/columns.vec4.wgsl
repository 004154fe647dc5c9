// Four consecutive elements of a row of x, zeros beyond its end, in one load; rows are a multiple of four long.
alias Columns = vec4<f32>;
const in_columns = 4u;
fn squares_of(values: Columns) -> f32 { return dot(values, values); }
fn x_at(row: u32, k: u32, inner: u32) -> vec4<f32> {
  if (row == NONE || k >= inner) { return vec4<f32>(0.0); }
  return x[(row * inner + k) / 4u];
}
