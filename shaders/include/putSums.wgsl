/// Writes a tile whose first column of y is `column`.
fn put_products(lane: u32, column: u32, sums: Sums) {
  let own = column + lane % (tile_n / 4u) * 4u;
  let index = lane / (tile_n / 4u) * 4u;
  write(index, own, sums.row0);
  write(index + 1u, own, sums.row1);
  write(index + 2u, own, sums.row2);
  write(index + 3u, own, sums.row3);
}
