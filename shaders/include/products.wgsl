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

fn chunked(lane: u32, first: u32, limit: u32, in_features: u32, begin: u32, end: u32, chunk: u32) -> Sums {
  var total = no_sums();
  for (var at = begin; at < end; at += chunk) {
    total = add_sums(total, tile_product(lane, first, limit, in_features, at, min(at + chunk, end)));
  }
  return total;
}

// include: putSums
