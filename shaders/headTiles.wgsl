// include: step
// include: request
// include: numbers
// include: weights
// The head for a tile of wanted rows and a tile of the vocabulary, reduced to a Partial a row. Logits exist in
// registers and workgroup memory only. Bound by the head's bytes; runs once for each shard of the head.
@group(1) @binding(5) var<storage, read_write> partials: array<Partial>;
// include: headTile
// include: partial

fn tile_row(index: u32) -> u32 {
  let row = tile_first + index;
  if (row >= tile_end) { return NONE; }
  return select(row, NONE, rows[row].request == NONE);
}

fn summarize(row: u32, index: u32, first: u32) -> Partial {
  let request = rows[row].request;
  let mask_token = request_mask_token(request);
  let check = has(request, REQUEST_FLAG_FORBIDDEN);
  let at = index * (tile_n + 1u);
  let count = min(tile_n, p.last - first);
  var part = no_partial();
  for (var n = 0u; n < count; n++) {
    var logit = logits[at + n];
    let token = first + n;
    if (token == mask_token || (check && is_forbidden(row, token)) || is_minus_infinity(logit)) { logit = LOWEST; }
    else if (!is_finite(logit)) {
      part.invalid = 1u;
      logit = LOWEST;
    }
    logits[at + n] = logit;
    if (logit > part.highest) {
      part.second = part.highest;
      part.highest = logit;
      part.best = token;
    } else if (logit > part.second) { part.second = logit; }
  }
  if (part.best == NONE) { return part; }
  let factor = request_score_factor(request);
  for (var n = 0u; n < count; n++) {
    let below = factor * (logits[at + n] - part.highest);
    let share = exp(below);
    if (first + n != part.best) { part.rest += share; }
    if (share > 0.0) { part.weighted += share * below; }
  }
  if (!has(request, REQUEST_FLAG_SAMPLED)) {
    part.score = part.highest;
    part.token = part.best;
    part.token_logit = part.highest;
    return part;
  }
  let heat = request_temperature(request);
  let own_step = request_sequence_step(request);
  let seed = request_seed(request);
  var noise = vec4<f32>(0.0);
  var drawn = NONE;
  for (var n = 0u; n < count; n++) {
    let logit = logits[at + n];
    if (logit <= LOWEST) { continue; }
    let token = first + n;
    if (drawn != token / 4u) {
      drawn = token / 4u;
      noise = gumbel4(seed, rows[row].position, own_step, drawn);
    }
    let score = logit + heat * noise[token % 4u];
    if (score > part.score) {
      part.score = score;
      part.token = token;
      part.token_logit = logit;
    }
  }
  return part;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first_in_list = p.first_row + group.x * tile_m;
  let end = min(step_row_count(), p.row_limit);
  if (first_in_list >= end) { return; }
  tile_first = first_in_list;
  tile_end = end;
  let first = group.y * tile_n;
  let sums = tile_product(lane, first, p.last - p.first, p.in_features, 0u, p.in_features);
  keep_tile(lane, sums);
  if (lane >= tile_m) { return; }
  if (tile_row(lane) == NONE) { return; }
  let row = first_in_list + lane;
  partials[(row - p.first_row) * p.tiles + p.tile + group.y] = summarize(row, lane, p.first + first);
}
