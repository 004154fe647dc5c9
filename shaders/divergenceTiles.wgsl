// include: step
// include: request
// include: numbers
// include: weights
// For KL(now || before): the head over a tile of the vocabulary for pairs of hidden states, reduced to a
// DivergencePart a pair. Bound by the head's bytes; runs once for each shard of the head.
@group(1) @binding(5) var<storage, read_write> parts: array<DivergencePart>;
// include: headTile

/// Rows of a tile are pairs: now, and before.
fn tile_row(index: u32) -> u32 {
  let row = tile_first + index / 2u;
  if (row >= tile_end) { return NONE; }
  let request = rows[row].request;
  if (request == NONE) { return NONE; }
  return select(NONE, 2u * row + index % 2u, has(request, REQUEST_FLAG_DIVERGENCE));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first_pair = p.first_row + group.x * (tile_m / 2u);
  let end = min(step_row_count(), p.row_limit);
  if (first_pair >= end) { return; }
  tile_first = first_pair;
  tile_end = end;
  let first = group.y * tile_n;
  let sums = tile_product(lane, first, p.last - p.first, p.in_features, 0u, p.in_features);
  keep_tile(lane, sums);
  if (lane >= tile_m / 2u) { return; }
  if (tile_row(2u * lane) == NONE) { return; }
  let row = first_pair + lane;
  let mask_token = request_mask_token(rows[row].request);
  let check = has(rows[row].request, REQUEST_FLAG_FORBIDDEN);
  let now = 2u * lane * (tile_n + 1u);
  let before = now + tile_n + 1u;
  let count = min(tile_n, p.last - p.first - first);
  var highest = LOWEST;
  var highest_before = LOWEST;
  for (var n = 0u; n < count; n++) {
    let token = p.first + first + n;
    if (token == mask_token || (check && is_forbidden(row, token))) {
      logits[now + n] = LOWEST;
      logits[before + n] = LOWEST;
    }
    highest = max(highest, logits[now + n]);
    highest_before = max(highest_before, logits[before + n]);
  }
  var mass = 0.0;
  var moved = 0.0;
  var mass_before = 0.0;
  for (var n = 0u; n < count; n++) {
    if (logits[now + n] > LOWEST) {
      let share = exp(logits[now + n] - highest);
      mass += share;
      moved += share * (logits[now + n] - logits[before + n]);
    }
    if (logits[before + n] > LOWEST) { mass_before += exp(logits[before + n] - highest_before); }
  }
  let index = (row - p.first_row) * p.tiles + p.tile + group.y;
  parts[index] = DivergencePart(highest, mass, moved, highest_before, mass_before);
}
