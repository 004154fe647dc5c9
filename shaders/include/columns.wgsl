// Four consecutive elements of a row of x, zeros beyond its end; any number of columns.
alias Columns = f32;
const in_columns = 1u;
fn squares_of(value: Columns) -> f32 { return value * value; }

fn row_start(row: u32, in_features: u32) -> u32 { return row * in_features; }
/// A pack of the row that begins at `start`.
fn x_pack(start: u32, pack: u32, in_features: u32) -> vec4<f32> {
  let k = pack * 4u;
  let at = start + k;
  if (k + 4u <= in_features) { return vec4<f32>(x[at], x[at + 1u], x[at + 2u], x[at + 3u]); }
  var value = vec4<f32>(0.0);
  if (k < in_features) { value.x = x[at]; }
  if (k + 1u < in_features) { value.y = x[at + 1u]; }
  if (k + 2u < in_features) { value.z = x[at + 2u]; }
  return value;
}
/// A pack of a row: zeros for row NONE and beyond the end of the row.
fn x_at(row: u32, k: u32, in_features: u32) -> vec4<f32> {
  if (row == NONE) { return vec4<f32>(0.0); }
  return x_pack(row_start(row, in_features), k / 4u, in_features);
}
