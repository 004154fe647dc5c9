// include: step
override lanes: u32;
// include: reduce
// include: request
// include: numbers
// For rows whose logits are held for a moment: the choice among the tokens that topK, topP and minP let through (and, where
// scores are of the sampled distribution, these), and the weights of a soft mixture, which replace the logits. Both need
// the least logit that is kept, which is found by halving an interval of order-preserving integers 32 times, with counts
// and masses of what lies above. A workgroup a row; bound by the logits' bytes, 34 times, out of cache.
@group(1) @binding(4) var<storage, read_write> statistics: array<u32>;
// include: heldLogits
// include: statistics

/// The tokens that are kept: keys above `key`, and of those equal to it the first `ties`.
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

/// The smallest set of best tokens with `limit` tokens or this mass, whichever comes first.
fn cut(at: u32, limit: f32, wanted: f32, highest: f32, heat: f32, lane: u32) -> Cutoff {
  var low = 0u;
  var high = 0xffffffffu;
  // The largest key with enough above it lies in [low, high].
  for (var round = 0u; round < 32u; round++) {
    let middle = low + (high - low) / 2u + ((high - low) & 1u);
    let held = above(at, middle, highest, heat, lane);
    if (held.count >= limit || held.mass >= wanted) { low = middle; } else { high = middle - 1u; }
  }
  let strictly = above(at, low + 1u, highest, heat, lane);
  let all = above(at, low, highest, heat, lane);
  let equal = all.count - strictly.count;
  var ties = max(min(equal, limit - strictly.count), 0.0);
  if (equal > 0.0) {
    let each = (all.mass - strictly.mass) / equal;
    let needed = ceil((wanted - strictly.mass) / max(each, 1.0e-30));
    ties = max(min(ties, needed), 1.0);
  }
  let share = select(0.0, (all.mass - strictly.mass) / equal, equal > 0.0);
  return Cutoff(low, u32(ties), strictly.mass + ties * share);
}

var<workgroup> best_scores: array<f32, lanes>;
var<workgroup> best_tokens: array<u32, lanes>;
var<workgroup> tie_counts: array<u32, lanes>;

/// How many tokens with exactly this key stand before the lane's run of tokens.
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
  if (row >= min(step_word(2u), p.row_limit) || sleeping()) { return; }
  let wanted = rows[row];
  if (wanted.z == NONE) { return; }
  let filters = has(wanted.z, FILTERS);
  let mixes = has(wanted.z, WANTS_MIXTURE);
  if (!filters && !mixes) { return; }
  let at = group.x * p.vocabulary;
  exclude(row, at, lane);
  var own_highest = LOWEST;
  for (var token = lane; token < p.vocabulary; token += lanes) { own_highest = max(own_highest, logits[at + token]); }
  let highest = reduce_max(own_highest, lane);
  let run = (p.vocabulary + lanes - 1u) / lanes;

  if (filters) {
    let given = temperature(wanted.z);
    let heat = select(1.0, given, given > 0.0);
    let draws = has(wanted.z, SAMPLES);
    let best = statistics[row * STATISTICS_WORDS + STAT_BEST];
    let factor = score_factor(wanted.z);
    let top_k = request_word(wanted.z, 6u);
    let top_p = request_float(wanted.z, 7u);
    let floor_below = min_p_floor(wanted.z);
    let limit = select(f32(p.vocabulary), f32(top_k), top_k > 0u && top_k < p.vocabulary);
    let everything = above(at, 0u, highest, heat, lane);
    let cutoff = cut(at, limit, select(3.0e38, top_p * everything.mass, top_p < 1.0), highest, heat, lane);
    var ties = ties_before(at, cutoff.key, lane);
    var score = LOWEST;
    var choice = NONE;
    // Of the tokens that are kept, less the best one.
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
      if (draws) { own += heat * gumbel(seed(wanted.z), wanted.w, sequence_step(wanted.z), token); }
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
      let out = row * STATISTICS_WORDS;
      if (has(wanted.z, SCORES_SAMPLED)) {
        let mass = 1.0 + kept_rest;
        let own_log_mass = log_one_plus(kept_rest);
        statistics[out + STAT_BEST_PROBABILITY] = bitcast<u32>(1.0 - kept_rest / mass);
        statistics[out + STAT_SECOND_PROBABILITY] = bitcast<u32>(exp(factor * (kept_second - highest)) / mass);
        statistics[out + STAT_ENTROPY] = bitcast<u32>(max(own_log_mass - kept_weighted / mass, 0.0));
        statistics[out + STAT_LOG_SUM_EXP] = bitcast<u32>(own_log_mass);
      }
      let log_mass = bitcast<f32>(statistics[out + STAT_LOG_SUM_EXP]);
      statistics[out + STAT_TOKEN] = choice;
      statistics[out + STAT_CHOICE_LOGIT] = bitcast<u32>(logit);
      statistics[out + STAT_CONFIDENCE] =
        select(bitcast<u32>(exp(factor * (logit - highest) - log_mass)), statistics[out + STAT_BEST_PROBABILITY], choice == statistics[out + STAT_BEST]);
    }
    workgroupBarrier();
  }
  if (!mixes) { return; }
  let kept = request_word(wanted.z, 13u);
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
