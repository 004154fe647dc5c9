// include: step
// include: request
// include: numbers
// include: weights
// The head for a tile of wanted rows and a tile of the vocabulary, and what is left of it: a Partial a row. Logits
// exist in registers and workgroup memory only. Bound by the head's bytes; runs once for each shard of the head.
@group(1) @binding(5) var<storage, read_write> partials: array<u32>;
// include: headTile
// include: partial

fn tile_row(index: u32) -> u32 {
  let row = tile_first + index;
  if (row >= tile_end) { return NONE; }
  return select(row, NONE, rows[row].z == NONE);
}

fn summarize(row: u32, index: u32, first: u32) -> Partial {
  let wanted = rows[row];
  let masked = mask_token(wanted.z);
  let check = has(wanted.z, HAS_FORBIDDEN);
  let at = index * (tile_n + 1u);
  let count = min(tile_n, p.last - first);
  var part = no_partial();
  for (var n = 0u; n < count; n++) {
    var logit = logits[at + n];
    let token = first + n;
    if (token == masked || (check && is_forbidden(row, token)) || is_minus_infinity(logit)) { logit = LOWEST; }
    else if (!is_finite(logit)) {
      part.bad = 1u;
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
  let factor = score_factor(wanted.z);
  for (var n = 0u; n < count; n++) {
    let below = factor * (logits[at + n] - part.highest);
    let share = exp(below);
    if (first + n != part.best) { part.rest += share; }
    if (share > 0.0) { part.weighted += share * below; }
  }
  if (!has(wanted.z, SAMPLES)) {
    part.score = part.highest;
    part.choice = part.best;
    part.choice_logit = part.highest;
    return part;
  }
  let heat = temperature(wanted.z);
  let own_step = sequence_step(wanted.z);
  let own_seed = seed(wanted.z);
  var noise = vec4<f32>(0.0);
  var drawn = NONE;
  for (var n = 0u; n < count; n++) {
    let logit = logits[at + n];
    if (logit <= LOWEST) { continue; }
    let token = first + n;
    if (drawn != token / 4u) {
      drawn = token / 4u;
      noise = gumbel4(own_seed, wanted.w, own_step, drawn);
    }
    let score = logit + heat * noise[token % 4u];
    if (score > part.score) {
      part.score = score;
      part.choice = token;
      part.choice_logit = logit;
    }
  }
  return part;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let first_in_list = p.first_row + group.x * tile_m;
  let end = min(step_word(2u), p.row_limit);
  if (first_in_list >= end || sleeping()) { return; }
  tile_first = first_in_list;
  tile_end = end;
  let first = group.y * tile_n;
  let sums = tile_product(lane, first, p.last - p.first, p.inner, p.stride);
  keep_tile(lane, sums);
  if (lane >= tile_m) { return; }
  if (tile_row(lane) == NONE) { return; }
  let row = first_in_list + lane;
  let part = summarize(row, lane, p.first + first);
  let at = ((row - p.first_row) * p.tiles + p.tile + group.y) * PARTIAL_WORDS;
  partials[at] = bitcast<u32>(part.highest);
  partials[at + 1u] = part.best;
  partials[at + 2u] = bitcast<u32>(part.second);
  partials[at + 3u] = bitcast<u32>(part.rest);
  partials[at + 4u] = bitcast<u32>(part.weighted);
  partials[at + 5u] = bitcast<u32>(part.score);
  partials[at + 6u] = part.choice;
  partials[at + 7u] = bitcast<u32>(part.choice_logit);
  partials[at + 8u] = part.bad;
}
