// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: aboveOrBest
// include: settled
// core/decode/quota.ts. Parameters: steps, threshold (NaN bits: none), order (0 probability, 1 position).
fn decide(b: Block, lane: u32) {
  let length = b.end - b.start;
  let steps = parameter(b, 0u);
  let count = max(1u, length / steps + select(0u, 1u, b.step < length % steps));
  if (parameter(b, 2u) == 1u) {
    // Of equal keys the earlier row is the higher.
    for (var i = lane; i < b.count; i += lanes) { set_key(b, i, 0u); }
    commit_highest(b, count, lane);
    return;
  }
  if (parameter(b, 1u) == NONE) {
    use_confidence_as_key(b, lane);
    commit_highest(b, count, lane);
    return;
  }
  commit_above_or_best(b, parameter_float(b, 1u), count, lane);
}
