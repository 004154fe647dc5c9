// include: step
override lanes: u32;
// include: request
// include: numbers
// Statistics of a wanted row, merged from the parts of its distribution in an order that depends on the vocabulary alone:
// each lane merges a run of tiles, then the lanes merge in a tree. A workgroup a row; bound by the bytes of the parts.
struct Params { tiles: u32, first_row: u32, row_limit: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(2) var<storage, read_write> partials: array<Partial>;
@group(1) @binding(3) var<storage, read_write> statistics: array<Statistics>;
// include: partial

var<workgroup> parts: array<Partial, lanes>;

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = p.first_row + group.x;
  if (row >= min(step_row_count(), p.row_limit)) { return; }
  if (rows[row].request == NONE) { return; }
  let factor = request_score_factor(rows[row].request);
  let run = (p.tiles + lanes - 1u) / lanes;
  var part = no_partial();
  for (var tile = lane * run; tile < min(p.tiles, (lane + 1u) * run); tile++) {
    part = merge(part, partials[group.x * p.tiles + tile], factor);
  }
  parts[lane] = part;
  workgroupBarrier();
  for (var width = 1u; width < lanes; width = width * 2u) {
    if (lane % (2u * width) == 0u) { parts[lane] = merge(parts[lane], parts[lane + width], factor); }
    workgroupBarrier();
  }
  if (lane != 0u) { return; }
  let whole = parts[0];
  let mass = 1.0 + whole.rest;
  let best_probability = 1.0 - whole.rest / mass;
  let log_mass = log_one_plus(whole.rest);
  let token_probability = exp(factor * (whole.token_logit - whole.highest)) / mass;
  // Field by field, as other kernels write the divergence.
  statistics[row].token = whole.token;
  statistics[row].confidence = select(token_probability, best_probability, whole.token == whole.best);
  statistics[row].best = whole.best;
  statistics[row].best_logit = whole.highest;
  statistics[row].best_probability = best_probability;
  statistics[row].second_probability = exp(factor * (whole.second - whole.highest)) / mass;
  statistics[row].entropy = max(log_mass - whole.weighted / mass, 0.0);
  statistics[row].log_sum_exp = log_mass;
  statistics[row].valid = select(0u, 1u, whole.invalid == 0u && whole.best != NONE);
  statistics[row].token_logit = whole.token_logit;
  statistics[row].rest = whole.rest;
}
