// include: step
override lanes: u32;
// include: request
// include: numbers
// Statistics of a wanted row from the parts of its distribution, merged in an order that the vocabulary fixes: each
// lane a run of tiles, then the lanes in a tree. A workgroup a row; bound by the parts' bytes.
struct Params { tiles: u32, first_row: u32, row_limit: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(2) var<storage, read_write> partials: array<u32>;
@group(1) @binding(3) var<storage, read_write> statistics: array<u32>;
// include: partial
// include: statistics

var<workgroup> parts: array<Partial, lanes>;

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = p.first_row + group.x;
  if (row >= min(step_word(2u), p.row_limit) || sleeping()) { return; }
  if (rows[row].z == NONE) { return; }
  let factor = score_factor(rows[row].z);
  let run = (p.tiles + lanes - 1u) / lanes;
  var part = no_partial();
  for (var tile = lane * run; tile < min(p.tiles, (lane + 1u) * run); tile++) {
    let at = (group.x * p.tiles + tile) * PARTIAL_WORDS;
    part = merge(part, Partial(
      bitcast<f32>(partials[at]), partials[at + 1u], bitcast<f32>(partials[at + 2u]), bitcast<f32>(partials[at + 3u]),
      bitcast<f32>(partials[at + 4u]), bitcast<f32>(partials[at + 5u]), partials[at + 6u],
      bitcast<f32>(partials[at + 7u]), partials[at + 8u],
    ), factor);
  }
  parts[lane] = part;
  workgroupBarrier();
  for (var width = 1u; width < lanes; width = width * 2u) {
    if (lane % (2u * width) == 0u) { parts[lane] = merge(parts[lane], parts[lane + width], factor); }
    workgroupBarrier();
  }
  if (lane != 0u) { return; }
  let whole = parts[0];
  let at = row * STATISTICS_WORDS;
  let mass = 1.0 + whole.rest;
  let best = 1.0 - whole.rest / mass;
  let log_mass = log_one_plus(whole.rest);
  statistics[at + STAT_TOKEN] = whole.choice;
  statistics[at + STAT_CONFIDENCE] =
    bitcast<u32>(select(exp(factor * (whole.choice_logit - whole.highest)) / mass, best, whole.choice == whole.best));
  statistics[at + STAT_BEST] = whole.best;
  statistics[at + STAT_BEST_LOGIT] = bitcast<u32>(whole.highest);
  statistics[at + STAT_BEST_PROBABILITY] = bitcast<u32>(best);
  statistics[at + STAT_SECOND_PROBABILITY] = bitcast<u32>(exp(factor * (whole.second - whole.highest)) / mass);
  statistics[at + STAT_ENTROPY] = bitcast<u32>(max(log_mass - whole.weighted / mass, 0.0));
  statistics[at + STAT_LOG_SUM_EXP] = bitcast<u32>(log_mass);
  statistics[at + STAT_VALID] = select(0u, 1u, whole.bad == 0u && whole.best != NONE);
  statistics[at + STAT_CHOICE_LOGIT] = bitcast<u32>(whole.choice_logit);
  statistics[at + STAT_REST] = bitcast<u32>(whole.rest);
}
