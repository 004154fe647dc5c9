// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/credit.ts. Parameters: threshold, alpha, gamma, beta. A position lists the tokens that have credit, and
// keeps their credits in its own words. gatherTokens.wgsl has gathered the logits of those that had some before this step.
const PARAMETER_THRESHOLD = 0u;
const PARAMETER_ALPHA = 1u;
const PARAMETER_GAMMA = 2u;
const PARAMETER_BETA = 3u;

@group(1) @binding(7) var<storage, read_write> gathered: array<f32>;

/// Credits of a step: all decay, the best token gains. Returns how many tokens have some.
fn give_credit(at: u32, count: u32, token: u32, amount: f32, decay: f32) -> u32 {
  var place = count;
  for (var entry = 0u; entry < count; entry++) {
    let slot = at + POSITION_MEMORY_OWN + entry;
    memory[slot] = bitcast<u32>(bitcast<f32>(memory[slot]) * decay);
    if (memory[at + POSITION_MEMORY_TOKENS + entry] == token) { place = entry; }
  }
  let slot = at + POSITION_MEMORY_OWN + place;
  if (place == count) {
    memory[at + POSITION_MEMORY_TOKENS + place] = token;
    memory[slot] = 0u;
  }
  memory[slot] = bitcast<u32>(bitcast<f32>(memory[slot]) + amount);
  let next = max(count, place + 1u);
  memory[at + POSITION_MEMORY_TOKEN_COUNT] = next;
  return next;
}

fn noise(b: Block, i: u32, token: u32) -> f32 {
  let heat = request_temperature(b.request);
  if (heat == 0.0) { return 0.0; }
  return heat * gumbel(request_seed(b.request), position_of(b, i), b.sequence_step, token);
}

fn fuse(b: Block, i: u32, at: u32, before: u32, count: u32, alpha: f32) {
  let best_logit = statistics[row_of(b, i)].best_logit;
  var top = -3.0e38;
  for (var entry = 0u; entry < count; entry++) {
    top = max(top, plain_logit(b, i, entry, before, best_logit) + raised_by(at, entry, alpha));
  }
  let best = statistics[row_of(b, i)].best;
  var token = statistics[row_of(b, i)].token;
  var logit = statistics[row_of(b, i)].token_logit;
  var as_given = logit;
  var score = logit + noise(b, i, token);
  // The best token has credit from this step on, so what it takes of the vocabulary's mass need not be added only to be
  // subtracted again.
  var rest = exp(best_logit - top) * statistics[row_of(b, i)].rest;
  for (var entry = 0u; entry < count; entry++) {
    let plain = plain_logit(b, i, entry, before, best_logit);
    let candidate = memory[at + POSITION_MEMORY_TOKENS + entry];
    if (candidate != best) { rest -= exp(plain - top); }
    let raised = plain + raised_by(at, entry, alpha);
    let own = raised + noise(b, i, candidate);
    if (own > score || (own == score && candidate < token)) {
      token = candidate;
      logit = raised;
      as_given = plain;
      score = own;
    }
  }
  var others = max(rest, 0.0);
  var is_credited = false;
  for (var entry = 0u; entry < count; entry++) {
    if (memory[at + POSITION_MEMORY_TOKENS + entry] == token) { is_credited = true; }
    else { others += exp(plain_logit(b, i, entry, before, best_logit) + raised_by(at, entry, alpha) - top); }
  }
  let own = exp(logit - top);
  // A token without credit is a part of the rest.
  if (!is_credited) { others = max(others - own, 0.0); }
  set_choice(b, i, token, 1.0 - others / (own + others), as_given);
}

/// A token without a gathered logit has its first credit from this step: it is the arg-max.
fn plain_logit(b: Block, i: u32, entry: u32, before: u32, best_logit: f32) -> f32 {
  if (entry < before) { return gathered[(b.first + i) * MAX_GATHERED_TOKENS + entry]; }
  return best_logit;
}
fn raised_by(at: u32, entry: u32, alpha: f32) -> f32 {
  return alpha * log_one_plus(bitcast<f32>(memory[at + POSITION_MEMORY_OWN + entry]));
}

fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) {
    if (!is_open(b, i)) { continue; }
    let at = memory_at(b, i);
    let before = select(memory[at + POSITION_MEMORY_TOKEN_COUNT], 0u, b.step == 0u);
    let sure = statistics[row_of(b, i)].best_probability;
    let amount = exp(parameter_float(b, PARAMETER_GAMMA) * precise_log(sure));
    let count = give_credit(at, before, statistics[row_of(b, i)].best, amount, parameter_float(b, PARAMETER_BETA));
    fuse(b, i, at, before, count, parameter_float(b, PARAMETER_ALPHA));
  }
  memory_barrier();
  let bound = threshold_bound(highest_confidence(b, lane), parameter_float(b, PARAMETER_THRESHOLD));
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && chosen_confidence(b, i) >= bound) { set_verdict(b, i, VERDICT_COMMIT); }
  }
}
