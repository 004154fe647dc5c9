// include: weights
// include: columns
// include: gateValues
// The products of include/products.wgsl for many rows: 64 lanes, each with 8 x 8 sums, so that a lane reads four times four
// numbers from workgroup memory for 64 products. A tile is 64 rows by two times 32 rows of the weight; with `gated` the second
// 32 are the up rows of the first. Each sum runs over k as those of include/tile.wgsl do, and has the same bits.
alias Input = Columns;
const tile_m = 64u;
const tile_k = 16u;
const half_n = 32u;
/// Fours of a tile, and one more, which keeps lanes of one k on different banks.
const tile_width = 17u;

var<workgroup> x_tile: array<vec4<f32>, tile_k * tile_width>;
var<workgroup> w_tile: array<vec4<f32>, tile_k * tile_width>;
var<workgroup> tile_rows: array<u32, tile_m>;

/// Eight rows by four columns of each half.
struct Half {
  row0: vec4<f32>, row1: vec4<f32>, row2: vec4<f32>, row3: vec4<f32>,
  row4: vec4<f32>, row5: vec4<f32>, row6: vec4<f32>, row7: vec4<f32>,
}
struct Sums { left: Half, right: Half }

fn no_half() -> Half {
  let zero = vec4<f32>(0.0);
  return Half(zero, zero, zero, zero, zero, zero, zero, zero);
}
fn add_half(a: Half, b: Half) -> Half {
  return Half(
    a.row0 + b.row0, a.row1 + b.row1, a.row2 + b.row2, a.row3 + b.row3,
    a.row4 + b.row4, a.row5 + b.row5, a.row6 + b.row6, a.row7 + b.row7,
  );
}
fn gate_half(a: Half, b: Half) -> Half {
  return Half(
    gate(a.row0, b.row0), gate(a.row1, b.row1), gate(a.row2, b.row2), gate(a.row3, b.row3),
    gate(a.row4, b.row4), gate(a.row5, b.row5), gate(a.row6, b.row6), gate(a.row7, b.row7),
  );
}

fn w_at(row: u32, k: u32, limit: u32) -> vec4<f32> {
  if (row >= limit || k / 4u >= p.stride) { return vec4<f32>(0.0); }
  return weight_at(row, k / 4u);
}

/// Columns of y that a workgroup computes.
fn tile_columns() -> u32 { return select(2u * half_n, half_n, gated); }

fn products(lane: u32, at: WeightRows, in_features: u32, begin: u32, end: u32, chunk: u32) -> Sums {
  var total = Sums(no_half(), no_half());
  tile_rows[lane] = tile_row(lane);
  workgroupBarrier();
  for (var k0 = begin; k0 < end; k0 += chunk) {
    let sums = sums_of(lane, at, in_features, k0, min(k0 + chunk, end));
    total = Sums(add_half(total.left, sums.left), add_half(total.right, sums.right));
  }
  if (gated) { return Sums(gate_half(total.left, total.right), no_half()); }
  return total;
}

fn sums_of(lane: u32, at: WeightRows, in_features: u32, begin: u32, end: u32) -> Sums {
  var left = no_half();
  var right = no_half();
  // A lane moves four rows by four columns of x, and as much of the weight.
  let own_k = lane % 4u * 4u;
  let group = lane / 4u;
  let is_right = group >= half_n / 4u;
  let plain = select(at.first, at.first + half_n, is_right);
  let first = select(plain, at.up_first, gated && is_right) + group % (half_n / 4u) * 4u;
  let limit = select(at.limit, at.up_limit, gated && is_right);
  let row = lane / 8u * 2u;
  let column = lane % 8u;
  for (var k0 = begin; k0 < end; k0 += tile_k) {
    let k = k0 + own_k;
    let a = x_at(tile_rows[group * 4u], k, in_features);
    let b = x_at(tile_rows[group * 4u + 1u], k, in_features);
    let c = x_at(tile_rows[group * 4u + 2u], k, in_features);
    let d = x_at(tile_rows[group * 4u + 3u], k, in_features);
    let e = w_at(first, k, limit);
    let f = w_at(first + 1u, k, limit);
    let g = w_at(first + 2u, k, limit);
    let h = w_at(first + 3u, k, limit);
    let at_tile = own_k * tile_width + group;
    x_tile[at_tile] = vec4<f32>(a.x, b.x, c.x, d.x);
    x_tile[at_tile + tile_width] = vec4<f32>(a.y, b.y, c.y, d.y);
    x_tile[at_tile + 2u * tile_width] = vec4<f32>(a.z, b.z, c.z, d.z);
    x_tile[at_tile + 3u * tile_width] = vec4<f32>(a.w, b.w, c.w, d.w);
    w_tile[at_tile] = vec4<f32>(e.x, f.x, g.x, h.x);
    w_tile[at_tile + tile_width] = vec4<f32>(e.y, f.y, g.y, h.y);
    w_tile[at_tile + 2u * tile_width] = vec4<f32>(e.z, f.z, g.z, h.z);
    w_tile[at_tile + 3u * tile_width] = vec4<f32>(e.w, f.w, g.w, h.w);
    workgroupBarrier();
    let depth = min(tile_k, end - k0);
    for (var i = 0u; i < depth; i++) {
      let upper = x_tile[i * tile_width + row];
      let lower = x_tile[i * tile_width + row + 1u];
      let near = w_tile[i * tile_width + column];
      let far = w_tile[i * tile_width + half_n / 4u + column];
      left.row0 += upper.x * near;
      left.row1 += upper.y * near;
      left.row2 += upper.z * near;
      left.row3 += upper.w * near;
      left.row4 += lower.x * near;
      left.row5 += lower.y * near;
      left.row6 += lower.z * near;
      left.row7 += lower.w * near;
      right.row0 += upper.x * far;
      right.row1 += upper.y * far;
      right.row2 += upper.z * far;
      right.row3 += upper.w * far;
      right.row4 += lower.x * far;
      right.row5 += lower.y * far;
      right.row6 += lower.z * far;
      right.row7 += lower.w * far;
    }
    workgroupBarrier();
  }
  return Sums(left, right);
}

/// Writes a tile whose first column of y is `column`.
fn put_products(lane: u32, column: u32, sums: Sums) {
  let index = lane / 8u * 8u;
  let own = column + lane % 8u * 4u;
  put_half(index, own, sums.left);
  if (!gated) { put_half(index, own + half_n, sums.right); }
}

fn put_half(index: u32, column: u32, half: Half) {
  write(index, column, half.row0);
  write(index + 1u, column, half.row1);
  write(index + 2u, column, half.row2);
  write(index + 3u, column, half.row3);
  write(index + 4u, column, half.row4);
  write(index + 5u, column, half.row5);
  write(index + 6u, column, half.row6);
  write(index + 7u, column, half.row7);
}
