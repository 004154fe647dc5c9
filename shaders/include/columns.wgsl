// Four consecutive elements of a row of x, zeros beyond its end; any number of columns.
alias Columns = f32;
const in_columns = 1u;
fn squares_of(value: Columns) -> f32 { return value * value; }

fn row_start(row: u32, inner: u32) -> u32 { return row * inner; }
/// A pack of the row that begins at `start`.
fn x_pack(start: u32, pack: u32, inner: u32) -> vec4<f32> {
  let k = pack * 4u;
  let at = start + k;
  if (k + 4u <= inner) { return vec4<f32>(x[at], x[at + 1u], x[at + 2u], x[at + 3u]); }
  var value = vec4<f32>(0.0);
  if (k < inner) { value.x = x[at]; }
  if (k + 1u < inner) { value.y = x[at + 1u]; }
  if (k + 2u < inner) { value.z = x[at + 2u]; }
  return value;
}
/// A pack of a row: zeros for row NONE and beyond the end of the row.
fn x_at(row: u32, k: u32, inner: u32) -> vec4<f32> {
  if (row == NONE) { return vec4<f32>(0.0); }
  return x_pack(row_start(row, inner), k / 4u, inner);
}
