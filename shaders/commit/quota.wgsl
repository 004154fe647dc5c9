// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: aboveOrBest
// include: blockDone
// core/decode/quota.ts. Parameters: steps, threshold (NaN bits: none), order (0 probability, 1 position).
const PARAMETER_STEPS = 0u;
const PARAMETER_THRESHOLD = 1u;
const PARAMETER_ORDER = 2u;

fn decide(b: Block, lane: u32) {
  let length = b.end - b.start;
  let steps = parameter(b, PARAMETER_STEPS);
  let count = max(1u, length / steps + select(0u, 1u, b.step < length % steps));
  if (parameter(b, PARAMETER_ORDER) == 1u) {
    // Of equal keys the earlier row is the higher.
    for (var i = lane; i < b.count; i += lanes) { set_key(b, i, 0u); }
    commit_highest(b, count, lane);
    return;
  }
  if (parameter(b, PARAMETER_THRESHOLD) == NONE) {
    use_confidence_as_key(b, lane);
    commit_highest(b, count, lane);
    return;
  }
  commit_above_or_best(b, parameter_float(b, PARAMETER_THRESHOLD), count, lane);
}
