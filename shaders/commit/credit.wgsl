// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/credit.ts. Parameters: threshold, alpha, gamma, beta. A position's memory: how many tokens have credit,
// their number before this step; then the tokens, then their credits. gatherCredits.wgsl left the logits of those that
// had some before this step.
@group(1) @binding(7) var<storage, read_write> gathered: array<f32>;
const most_credits = 64u;

/// Credits of a step: all decay, the best token gains. Returns how many tokens have some.
fn give_credit(at: u32, count: u32, token: u32, amount: f32, decay: f32) -> u32 {
  var place = count;
  for (var entry = 0u; entry < count; entry++) {
    let slot = at + 2u + most_credits + entry;
    memory[slot] = bitcast<u32>(bitcast<f32>(memory[slot]) * decay);
    if (memory[at + 2u + entry] == token) { place = entry; }
  }
  let slot = at + 2u + most_credits + place;
  if (place == count) {
    memory[at + 2u + place] = token;
    memory[slot] = 0u;
  }
  memory[slot] = bitcast<u32>(bitcast<f32>(memory[slot]) + amount);
  memory[at] = max(count, place + 1u);
  return memory[at];
}

fn noise(b: Block, i: u32, token: u32) -> f32 {
  let heat = temperature(b.request);
  if (heat == 0.0) { return 0.0; }
  return heat * gumbel(seed(b.request), position_of(b, i), b.sequence_step, token);
}

fn fuse(b: Block, i: u32, at: u32, before: u32, count: u32, alpha: f32) {
  let best_logit = stat_float(b, i, STAT_BEST_LOGIT);
  var top = -3.0e38;
  for (var entry = 0u; entry < count; entry++) {
    top = max(top, plain_logit(b, i, entry, before, best_logit) + raised_by(at, entry, alpha));
  }
  let best = stat(b, i, STAT_BEST);
  var token = stat(b, i, STAT_TOKEN);
  var logit = stat_float(b, i, STAT_CHOICE_LOGIT);
  var as_given = logit;
  var score = logit + noise(b, i, token);
  // The best token has credit from this step on, so what it takes of the vocabulary's mass need not be added only to be
  // subtracted again.
  var rest = exp(best_logit - top) * stat_float(b, i, STAT_REST);
  for (var entry = 0u; entry < count; entry++) {
    let plain = plain_logit(b, i, entry, before, best_logit);
    let candidate = memory[at + 2u + entry];
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
    if (memory[at + 2u + entry] == token) { is_credited = true; }
    else { others += exp(plain_logit(b, i, entry, before, best_logit) + raised_by(at, entry, alpha) - top); }
  }
  let own = exp(logit - top);
  // A token without credit is a part of the rest.
  if (!is_credited) { others = max(others - own, 0.0); }
  set_choice(b, i, token, 1.0 - others / (own + others));
  set_choice_logit(b, i, as_given);
}

/// A token without a gathered logit has its first credit from this step: it is the arg-max.
fn plain_logit(b: Block, i: u32, entry: u32, before: u32, best_logit: f32) -> f32 {
  if (entry < before) { return gathered[(b.first + i) * most_credits + entry]; }
  return best_logit;
}
fn raised_by(at: u32, entry: u32, alpha: f32) -> f32 {
  return alpha * log_one_plus(bitcast<f32>(memory[at + 2u + most_credits + entry]));
}

fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) {
    if (!is_open(b, i)) { continue; }
    let at = (b.base + position_of(b, i)) * p.memory_words;
    let before = select(memory[at], 0u, b.step == 0u);
    let sure = stat_float(b, i, STAT_BEST_PROBABILITY);
    let amount = exp(parameter_float(b, 2u) * precise_log(sure));
    let count = give_credit(at, before, stat(b, i, STAT_BEST), amount, parameter_float(b, 3u));
    fuse(b, i, at, before, count, parameter_float(b, 1u));
  }
  settle_memory();
  let bound = threshold_bound(highest_confidence(b, lane), parameter_float(b, 0u));
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && chosen_confidence(b, i) >= bound) { set_decision(b, i, COMMITTED); }
  }
}
