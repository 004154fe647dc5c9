// include: step
// include: request
// include: numbers
// include: weights
// For KL(now || before): the head over a tile of the vocabulary for pairs of hidden states, and what is left of it, 5
// words a pair: highest and mass now, the sum of exp(now - highest) (now - before), highest and mass before. Bound by
// the head's bytes; runs once for each shard of the head.
@group(1) @binding(5) var<storage, read_write> parts: array<f32>;
// include: headTile

/// Rows of a tile are pairs: now, and before.
fn tile_row(index: u32) -> u32 {
  let row = tile_first + index / 2u;
  if (row >= tile_end) { return NONE; }
  let request = rows[row].z;
  if (request == NONE) { return NONE; }
  return select(NONE, 2u * row + index % 2u, has(request, WANTS_DIVERGENCE));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first_pair = p.first_row + group.x * (tile_m / 2u);
  let end = min(step_word(2u), p.row_limit);
  if (first_pair >= end || sleeping()) { return; }
  tile_first = first_pair;
  tile_end = end;
  let first = group.y * tile_n;
  let sums = tile_product(lane, first, p.last - p.first, p.inner, p.stride);
  keep_tile(lane, sums);
  if (lane >= tile_m / 2u) { return; }
  if (tile_row(2u * lane) == NONE) { return; }
  let row = first_pair + lane;
  let masked = mask_token(rows[row].z);
  let check = has(rows[row].z, HAS_FORBIDDEN);
  let now = 2u * lane * (tile_n + 1u);
  let before = now + tile_n + 1u;
  let count = min(tile_n, p.last - p.first - first);
  var highest = LOWEST;
  var highest_before = LOWEST;
  for (var n = 0u; n < count; n++) {
    let token = p.first + first + n;
    if (token == masked || (check && is_forbidden(row, token))) {
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
  let at = ((row - p.first_row) * p.tiles + p.tile + group.y) * 5u;
  parts[at] = highest;
  parts[at + 1u] = mass;
  parts[at + 2u] = moved;
  parts[at + 3u] = highest_before;
  parts[at + 4u] = mass_before;
}
