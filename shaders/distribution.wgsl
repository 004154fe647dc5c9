// include: step
override lanes: u32;
// include: reduce
// include: request
// include: numbers
// Filtered sampling and soft mixtures, from the logits of a chunk of rows. Chooses among the tokens that topK, topP and minP
// keep, with scores of their distribution if the request wants these; then replaces the logits by the weights of a soft
// mixture. Both need the lowest logit that is kept: a bisection of 32 rounds over order-preserving integers finds it, by the
// count and the mass of the tokens above. A workgroup a row; bound by the bytes of the logits, read 34 times from cache.
@group(1) @binding(4) var<storage, read_write> statistics: array<Statistics>;
// include: heldLogits

/// The tokens that are kept: those with keys above `key`, and the first `ties` of those with that key.
struct Cutoff { key: u32, ties: u32, mass: f32 }
struct Above { count: f32, mass: f32 }

fn above(at: u32, key: u32, highest: f32, heat: f32, lane: u32) -> Above {
  var count = 0.0;
  var mass = 0.0;
  for (var token = lane; token < p.vocabulary; token += lanes) {
    let logit = logits[at + token];
    if (logit > LOWEST && key_of(logit) >= key) {
      count += 1.0;
      mass += exp((logit - highest) / heat);
    }
  }
  return Above(reduce_sum(count, lane), reduce_sum(mass, lane));
}

/// The smallest set of best tokens that has `limit` tokens or at least this mass.
fn cut(at: u32, limit: f32, min_mass: f32, highest: f32, heat: f32, lane: u32) -> Cutoff {
  var low = 0u;
  var high = 0xffffffffu;
  // The largest key with enough above it lies in [low, high].
  for (var round = 0u; round < 32u; round++) {
    let middle = low + (high - low) / 2u + ((high - low) & 1u);
    let held = above(at, middle, highest, heat, lane);
    if (held.count >= limit || held.mass >= min_mass) { low = middle; } else { high = middle - 1u; }
  }
  let strictly = above(at, low + 1u, highest, heat, lane);
  let all = above(at, low, highest, heat, lane);
  let equal = all.count - strictly.count;
  var ties = max(min(equal, limit - strictly.count), 0.0);
  if (equal > 0.0) {
    let each = (all.mass - strictly.mass) / equal;
    let needed = ceil((min_mass - strictly.mass) / max(each, 1.0e-30));
    ties = max(min(ties, needed), 1.0);
  }
  let share = select(0.0, (all.mass - strictly.mass) / equal, equal > 0.0);
  return Cutoff(low, u32(ties), strictly.mass + ties * share);
}

var<workgroup> best_scores: array<f32, lanes>;
var<workgroup> best_tokens: array<u32, lanes>;
var<workgroup> tie_counts: array<u32, lanes>;

/// The number of tokens with this key before the lane's run of tokens.
fn ties_before(at: u32, key: u32, lane: u32) -> u32 {
  let run = (p.vocabulary + lanes - 1u) / lanes;
  var own = 0u;
  for (var token = lane * run; token < min(p.vocabulary, (lane + 1u) * run); token++) {
    if (key_of(logits[at + token]) == key) { own++; }
  }
  tie_counts[lane] = own;
  workgroupBarrier();
  var before = 0u;
  for (var other = 0u; other < lane; other++) { before += tie_counts[other]; }
  workgroupBarrier();
  return before;
}

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = p.first_row + group.x;
  if (row >= min(step_row_count(), p.row_limit)) { return; }
  let request = rows[row].request;
  if (request == NONE) { return; }
  let filters = has(request, REQUEST_FLAG_FILTERED);
  let mixes = has(request, REQUEST_FLAG_MIXTURE);
  if (!filters && !mixes) { return; }
  let at = group.x * p.vocabulary;
  exclude(row, at, lane);
  var own_highest = LOWEST;
  for (var token = lane; token < p.vocabulary; token += lanes) { own_highest = max(own_highest, logits[at + token]); }
  let highest = reduce_max(own_highest, lane);
  let run = (p.vocabulary + lanes - 1u) / lanes;

  if (filters) {
    let given = request_temperature(request);
    let heat = select(1.0, given, given > 0.0);
    let draws = has(request, REQUEST_FLAG_SAMPLED);
    let best = statistics[row].best;
    let factor = request_score_factor(request);
    let top_k = request_top_k(request);
    let top_p = request_top_p(request);
    let floor_below = request_min_p_floor(request);
    let limit = select(f32(p.vocabulary), f32(top_k), top_k > 0u && top_k < p.vocabulary);
    let everything = above(at, 0u, highest, heat, lane);
    let cutoff = cut(at, limit, select(3.0e38, top_p * everything.mass, top_p < 1.0), highest, heat, lane);
    var ties = ties_before(at, cutoff.key, lane);
    var score = LOWEST;
    var choice = NONE;
    // Over the tokens that are kept, without the best one.
    var rest = 0.0;
    var weighted = 0.0;
    var second = LOWEST;
    for (var token = lane * run; token < min(p.vocabulary, (lane + 1u) * run); token++) {
      let logit = logits[at + token];
      let key = key_of(logit);
      if (key == cutoff.key) { ties++; }
      if (logit <= LOWEST || key < cutoff.key || (key == cutoff.key && ties > cutoff.ties)) { continue; }
      if (logit - highest < floor_below) { continue; }
      if (token != best) {
        let below = factor * (logit - highest);
        let share = exp(below);
        rest += share;
        weighted += share * below;
        second = max(second, logit);
      }
      var own = logit;
      if (draws) { own += heat * gumbel(request_seed(request), rows[row].position, request_sequence_step(request), token); }
      if (own > score) {
        score = own;
        choice = token;
      }
    }
    best_scores[lane] = score;
    best_tokens[lane] = choice;
    let kept_rest = reduce_sum(rest, lane);
    let kept_weighted = reduce_sum(weighted, lane);
    let kept_second = reduce_max(second, lane);
    if (lane == 0u) {
      for (var other = 1u; other < lanes; other++) {
        if (best_scores[other] > score) {
          score = best_scores[other];
          choice = best_tokens[other];
        }
      }
      let logit = logits[at + choice];
      if (has(request, REQUEST_FLAG_SAMPLED_SCORES)) {
        let mass = 1.0 + kept_rest;
        let own_log_mass = log_one_plus(kept_rest);
        statistics[row].best_probability = 1.0 - kept_rest / mass;
        statistics[row].second_probability = exp(factor * (kept_second - highest)) / mass;
        statistics[row].entropy = max(own_log_mass - kept_weighted / mass, 0.0);
        statistics[row].log_sum_exp = own_log_mass;
      }
      let probability = exp(factor * (logit - highest) - statistics[row].log_sum_exp);
      statistics[row].token = choice;
      statistics[row].token_logit = logit;
      statistics[row].confidence = select(probability, statistics[row].best_probability, choice == statistics[row].best);
    }
    workgroupBarrier();
  }
  if (!mixes) { return; }
  let kept = request_mixture_tokens(request);
  let limit = select(f32(p.vocabulary), f32(kept), kept > 0u && kept < p.vocabulary);
  let cutoff = cut(at, limit, 3.0e38, highest, 1.0, lane);
  var ties = ties_before(at, cutoff.key, lane);
  for (var token = lane * run; token < min(p.vocabulary, (lane + 1u) * run); token++) {
    let logit = logits[at + token];
    let key = key_of(logit);
    if (key == cutoff.key) { ties++; }
    var weight = 0.0;
    if (logit > LOWEST && key >= cutoff.key && (key != cutoff.key || ties <= cutoff.ties)) {
      weight = exp(logit - highest) / cutoff.mass;
    }
    logits[at + token] = weight;
  }
}
