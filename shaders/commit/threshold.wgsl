// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/threshold.ts: every open row whose confidence reaches the threshold, and near-ties of the best one.
fn decide(b: Block, lane: u32) {
  let bound = threshold_bound(highest_confidence(b, lane), parameter_float(b, 0u));
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && confidence(b, i) >= bound) { set_decision(b, i, COMMITTED); }
  }
}
