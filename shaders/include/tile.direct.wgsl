// include: sums
// The product of a tile of rows with a tile of a weight's rows, as include/tile.wgsl has it, for devices that compute on
// the CPU: there workgroup memory and barriers cost more than they save (measured on SwiftShader: a barrier makes a
// coroutine of each lane, which takes 50 times as long to compile and 3 times as long to run). Each lane reads what it
// needs. The sums are not those of tile.wgsl to the last bit: four columns are added before they join the rest.
override tile_m: u32;
override tile_n: u32;

fn tile_product(lane: u32, first: u32, limit: u32, in_features: u32, begin: u32, end: u32) -> Sums {
  let across = tile_n / 4u;
  let column = first + lane % across * 4u;
  let row = lane / across * 4u;
  let r0 = tile_row(row);
  let r1 = tile_row(row + 1u);
  let r2 = tile_row(row + 2u);
  let r3 = tile_row(row + 3u);
  var sums = no_sums();
  if (r0 == NONE && r1 == NONE && r2 == NONE && r3 == NONE) { return sums; }
  // Columns beyond the weight repeat its last row; nobody reads their sums.
  let n0 = weight_row(min(column, limit - 1u));
  let n1 = weight_row(min(column + 1u, limit - 1u));
  let n2 = weight_row(min(column + 2u, limit - 1u));
  let n3 = weight_row(min(column + 3u, limit - 1u));
  // Nobody reads the sums of a row that is NONE either: it reads another row, as a branch would cost more.
  let a0 = row_start(select(r0, 0u, r0 == NONE), in_features);
  let b0 = row_start(select(r1, 0u, r1 == NONE), in_features);
  let c0 = row_start(select(r2, 0u, r2 == NONE), in_features);
  let d0 = row_start(select(r3, 0u, r3 == NONE), in_features);
  for (var pack = begin / 4u; pack < (end + 3u) / 4u; pack++) {
    let w0 = weight_pack(n0, pack);
    let w1 = weight_pack(n1, pack);
    let w2 = weight_pack(n2, pack);
    let w3 = weight_pack(n3, pack);
    let a = x_pack(a0, pack, in_features);
    let b = x_pack(b0, pack, in_features);
    let c = x_pack(c0, pack, in_features);
    let d = x_pack(d0, pack, in_features);
    sums.row0 += vec4<f32>(dot(a, w0), dot(a, w1), dot(a, w2), dot(a, w3));
    sums.row1 += vec4<f32>(dot(b, w0), dot(b, w1), dot(b, w2), dot(b, w3));
    sums.row2 += vec4<f32>(dot(c, w0), dot(c, w1), dot(c, w2), dot(c, w3));
    sums.row3 += vec4<f32>(dot(d, w0), dot(d, w1), dot(d, w2), dot(d, w3));
  }
  return sums;
}

/// Products have one chunk here.
fn chunked(lane: u32, first: u32, limit: u32, in_features: u32, begin: u32, end: u32, chunk: u32) -> Sums {
  return tile_product(lane, first, limit, in_features, begin, end);
}
