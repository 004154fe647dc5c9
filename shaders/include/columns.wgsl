// Four consecutive elements of a row of x, zeros beyond its end; any number of columns.
alias Columns = f32;
const in_columns = 1u;
fn squares_of(value: Columns) -> f32 { return value * value; }
fn x_at(row: u32, k: u32, inner: u32) -> vec4<f32> {
  var value = vec4<f32>(0.0);
  if (row == NONE) { return value; }
  let at = row * inner + k;
  if (k + 4u <= inner) { return vec4<f32>(x[at], x[at + 1u], x[at + 2u], x[at + 3u]); }
  if (k < inner) { value.x = x[at]; }
  if (k + 1u < inner) { value.y = x[at + 1u]; }
  if (k + 2u < inner) { value.z = x[at + 2u]; }
  return value;
}
