// include: weights
// include: columns
// include: tile
// include: gate
alias Input = Columns;
/// Columns of y that a workgroup computes.
fn tile_columns() -> u32 { return tile_n; }

/// The sums of a tile over columns [begin, end) of x: those of each `chunk` by themselves, added in order. With `gated`
/// silu(gate) * up.
fn products(lane: u32, at: WeightRows, in_features: u32, begin: u32, end: u32, chunk: u32) -> Sums {
  let sums = chunked(lane, at.first, at.limit, in_features, begin, end, chunk);
  if (!gated) { return sums; }
  return gate_tile(sums, chunked(lane, at.up_first, at.up_limit, in_features, begin, end, chunk));
}

// include: putSums
