// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/dreamSchedule.ts. Parameters: the share of the open rows in this step (above 1: all of them), what makes a
// row sure (0 probability, 1 margin, 2 entropy), the temperature of the order.
fn decide(b: Block, lane: u32) {
  let heat = parameter_float(b, 2u);
  for (var i = lane; i < b.count; i += lanes) {
    var score = confidence(b, i);
    if (parameter(b, 1u) == 1u) { score = stat_float(b, i, STAT_BEST_PROBABILITY) - stat_float(b, i, STAT_SECOND_PROBABILITY); }
    if (parameter(b, 1u) == 2u) { score = -stat_float(b, i, STAT_ENTROPY); }
    if (heat > 0.0) {
      let bits = philox(vec4<u32>(position_of(b, i), b.sequence_step, 0u, 1u), seed(b.request)).x;
      score -= heat * precise_log(minus_log_uniform(bits));
    }
    set_key(b, i, key_of(score));
  }
  let portion = parameter_float(b, 0u);
  var count = b.open;
  if (portion <= 1.0) { count = min(b.open, u32(max(floor(f32(b.open) * portion), 0.0))); }
  commit_highest(b, count, lane);
}
