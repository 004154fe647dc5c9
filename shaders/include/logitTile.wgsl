// The logits of a tile in workgroup memory, where a lane reads along a row.
var<workgroup> logits: array<f32, tile_m * (tile_n + 1u)>;

fn keep_row(row: u32, column: u32, values: vec4<f32>) {
  for (var i = 0u; i < 4u; i++) { logits[row * (tile_n + 1u) + column + i] = values[i]; }
}

fn keep_tile(lane: u32, sums: Sums) {
  let column = lane % (tile_n / 4u) * 4u;
  let row = lane / (tile_n / 4u) * 4u;
  keep_row(row, column, sums.row0);
  keep_row(row + 1u, column, sums.row1);
  keep_row(row + 2u, column, sums.row2);
  keep_row(row + 3u, column, sums.row3);
  workgroupBarrier();
}
