// include: step
// Products of routed rows with their experts' weights, with `gated` silu(gate) * up. A workgroup computes a tile of the rows
// of one expert, as group.wgsl sorted them, so that work and bytes grow with the routed rows. Bound by the bytes of the
// weights of the experts in use.
override gated = false;
/// Whether x has a row for each token, with row floor(r / top_k) for routed row r; else it has a row for each routed row.
override by_token = false;
struct Params {
  in_features: u32,
  stride: u32,
  /// Columns of y; an expert has as many weight rows, or twice as many with `gated`.
  width: u32,
  top_k: u32,
  /// Experts [first, last) are in this shard.
  first: u32,
  last: u32,
  rows_at: u32,
}
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> groups: array<u32>;
@group(1) @binding(3) var<storage, read_write> x: array<Input>;
@group(1) @binding(4) var<storage, read_write> y: array<f32>;
// include: weightRows
// include: products

var<private> tile_first: u32;
var<private> tile_count: u32;
fn tile_row(index: u32) -> u32 {
  if (index >= tile_count) { return NONE; }
  let row = groups[p.rows_at + tile_first + index];
  return select(row, row / p.top_k, by_token);
}

fn write(index: u32, column: u32, values: vec4<f32>) {
  if (index >= tile_count) { return; }
  let row = groups[p.rows_at + tile_first + index];
  for (var i = 0u; i < 4u && column + i < p.width; i++) { y[row * p.width + column + i] = values[i]; }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  if (group.y >= groups[EXPERT_GROUPS_TILE_COUNT]) { return; }
  let tile = EXPERT_GROUPS_WORDS + group.y * EXPERT_TILE_WORDS;
  let expert = groups[tile + EXPERT_TILE_EXPERT];
  if (expert < p.first || expert >= p.last) { return; }
  tile_first = groups[tile + EXPERT_TILE_FIRST_ROW];
  tile_count = groups[tile + EXPERT_TILE_ROW_COUNT];
  let column = group.x * tile_columns();
  let width = select(p.width, 2u * p.width, gated);
  let base = (expert - p.first) * width;
  let rows = WeightRows(base + column, base + p.width, base + p.width + column, base + width);
  put_products(lane, column, products(lane, rows, p.in_features, 0u, p.in_features, p.in_features));
}
