// include: step
// y = x * weight^T for all tokens' rows, plus an optional bias and residual. With `gated`, two products with the rows of
// gate and up, combined as silu(gate) * up. A workgroup a tile of y. Bound by the bytes of the weight below about 100 rows,
// else by FLOPs. Workgroups of one weight tile are neighbours, so that the cache serves all of them from one read.
//
// The columns of x are summed in chunks, whose number depends on the weight's shape. With `split` a workgroup has one chunk,
// y receives the sums of all, part by part, and sumParts.wgsl adds them; so few rows have enough workgroups.
override gated = false;
override has_bias = false;
override has_residual = false;
/// Computes wanted rows from `first_row` on, instead of the pass's tokens.
override of_head = false;
override split = false;
struct Params {
  in_features: u32,
  stride: u32,
  /// Rows of the weight in this shard, and the column of y of the first one.
  out_features: u32,
  column: u32,
  /// Columns of y. With `gated` the shard's up rows follow its gate rows, `out_features` rows later.
  width: u32,
  first_row: u32,
  row_limit: u32,
  chunk: u32,
}
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> bias: array<f32>;
@group(1) @binding(3) var<storage, read_write> x: array<Input>;
@group(1) @binding(4) var<storage, read_write> residual: array<f32>;
@group(1) @binding(5) var<storage, read_write> y: array<f32>;
// include: weightRows
// include: products

fn row_count() -> u32 {
  if (of_head) { return min(step_row_count(), p.row_limit); }
  return step_token_count();
}

var<private> tile_first: u32;
var<private> part: u32;
fn tile_row(index: u32) -> u32 { return select(NONE, tile_first + index, tile_first + index < row_count()); }

fn write(index: u32, column: u32, values: vec4<f32>) {
  let row = tile_first + index;
  if (row >= row_count()) { return; }
  for (var i = 0u; i < 4u; i++) {
    if (column + i >= p.out_features) { return; }
    var value = values[i];
    let n = p.column + column + i;
    let at = (part * row_count() + row - p.first_row) * p.width + n;
    if (has_bias) { value += bias[n]; }
    if (has_residual) { value += residual[at]; }
    y[at] = value;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first = p.first_row + group.x * tile_m;
  if (first >= row_count()) { return; }
  tile_first = first;
  var tile = group.y;
  var begin = 0u;
  var end = p.in_features;
  if (split) {
    let tiles = (p.out_features + tile_columns() - 1u) / tile_columns();
    tile = group.y % tiles;
    part = group.y / tiles;
    begin = group.y / tiles * p.chunk;
    end = min(begin + p.chunk, p.in_features);
  }
  let column = tile * tile_columns();
  let rows = WeightRows(column, p.out_features, p.out_features + column, 2u * p.out_features);
  put_products(lane, column, products(lane, rows, p.in_features, begin, end, p.chunk));
}
