// include: sums
// The product of a tile of rows with a tile of a weight's rows: 64 lanes, each with 4 x 4 sums in registers. Both
// tiles pass through workgroup memory, `tile_k` columns at a time, transposed, so that a lane reads 4 rows at once.
// Each sum runs over k in order, so neither tile size nor neighbours change its bits.
const tile_k = 32u;
override tile_m: u32;
override tile_n: u32;
// One column more than needed keeps lanes of one k on different banks.
const tile_pad = 1u;

var<workgroup> x_tile: array<vec4<f32>, tile_k * (tile_m / 4u + tile_pad)>;
var<workgroup> w_tile: array<vec4<f32>, tile_k * (tile_n / 4u + tile_pad)>;
var<workgroup> tile_rows: array<u32, tile_m>;

/// Rows from `limit` on count as zero, and so do columns beyond the last.
fn w_at(row: u32, k: u32, limit: u32) -> vec4<f32> {
  if (row >= limit || k / 4u >= p.stride) { return vec4<f32>(0.0); }
  return weight_at(row, k / 4u);
}

fn store_x(k: u32, group: u32, value: vec4<f32>) { x_tile[k * (tile_m / 4u + tile_pad) + group] = value; }
fn store_w(k: u32, group: u32, value: vec4<f32>) { w_tile[k * (tile_n / 4u + tile_pad) + group] = value; }

/// `first` is the weight row of the tile's first column; `in_features` the columns of x, of which [begin, end) are summed. Which
/// row of x a row of the tile is, or NONE, is for the kernel's `tile_row` to say.
fn tile_product(lane: u32, first: u32, limit: u32, in_features: u32, begin: u32, end: u32) -> Sums {
  var sums = no_sums();
  let across = tile_n / 4u;
  let column = lane % across;
  let row = lane / across;
  if (lane < tile_m) { tile_rows[lane] = tile_row(lane); }
  workgroupBarrier();
  for (var k0 = begin; k0 < end; k0 += tile_k) {
    for (var block = lane; block < tile_m / 4u * (tile_k / 4u); block += 64u) {
      let k = block % (tile_k / 4u) * 4u;
      let group = block / (tile_k / 4u);
      let a = x_at(tile_rows[group * 4u], k0 + k, in_features);
      let b = x_at(tile_rows[group * 4u + 1u], k0 + k, in_features);
      let c = x_at(tile_rows[group * 4u + 2u], k0 + k, in_features);
      let d = x_at(tile_rows[group * 4u + 3u], k0 + k, in_features);
      store_x(k, group, vec4<f32>(a.x, b.x, c.x, d.x));
      store_x(k + 1u, group, vec4<f32>(a.y, b.y, c.y, d.y));
      store_x(k + 2u, group, vec4<f32>(a.z, b.z, c.z, d.z));
      store_x(k + 3u, group, vec4<f32>(a.w, b.w, c.w, d.w));
    }
    for (var block = lane; block < tile_n / 4u * (tile_k / 4u); block += 64u) {
      let k = block % (tile_k / 4u) * 4u;
      let group = block / (tile_k / 4u);
      let n = first + group * 4u;
      let a = w_at(n, k0 + k, limit);
      let b = w_at(n + 1u, k0 + k, limit);
      let c = w_at(n + 2u, k0 + k, limit);
      let d = w_at(n + 3u, k0 + k, limit);
      store_w(k, group, vec4<f32>(a.x, b.x, c.x, d.x));
      store_w(k + 1u, group, vec4<f32>(a.y, b.y, c.y, d.y));
      store_w(k + 2u, group, vec4<f32>(a.z, b.z, c.z, d.z));
      store_w(k + 3u, group, vec4<f32>(a.w, b.w, c.w, d.w));
    }
    workgroupBarrier();
    let depth = min(tile_k, end - k0);
    for (var k = 0u; k < depth; k++) {
      let a = x_tile[k * (tile_m / 4u + tile_pad) + row];
      let b = w_tile[k * (tile_n / 4u + tile_pad) + column];
      sums.row0 += a.x * b;
      sums.row1 += a.y * b;
      sums.row2 += a.z * b;
      sums.row3 += a.w * b;
    }
    workgroupBarrier();
  }
  return sums;
}

/// Of columns [begin, end), with the sums of each `chunk` by themselves, added in order.
fn chunked(lane: u32, first: u32, limit: u32, in_features: u32, begin: u32, end: u32, chunk: u32) -> Sums {
  var total = no_sums();
  for (var at = begin; at < end; at += chunk) {
    total = add_sums(total, tile_product(lane, first, limit, in_features, at, min(at + chunk, end)));
  }
  return total;
}
