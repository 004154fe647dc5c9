// Four consecutive elements of a row of x in one load; rows are a multiple of four long.
alias Columns = vec4<f32>;
const in_columns = 4u;
fn squares_of(values: Columns) -> f32 { return dot(values, values); }

fn row_start(row: u32, in_features: u32) -> u32 { return row * in_features / 4u; }
/// A pack of the row that begins at `start`; it lies within the row.
fn x_pack(start: u32, pack: u32, in_features: u32) -> vec4<f32> { return x[start + pack]; }
/// A pack of a row: zeros for row NONE and beyond the end of the row.
fn x_at(row: u32, k: u32, in_features: u32) -> vec4<f32> {
  if (row == NONE || k >= in_features) { return vec4<f32>(0.0); }
  return x_pack(row_start(row, in_features), k / 4u, in_features);
}
