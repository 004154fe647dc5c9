// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/hierarchical.ts. Parameters: the high threshold (NaN bits: none), the low one. A run of open positions is
// a run of listed ones whose positions follow each other.
const PARAMETER_THRESHOLD = 0u;
const PARAMETER_LOW = 1u;

fn decide(b: Block, lane: u32) {
  let has_high = parameter(b, PARAMETER_THRESHOLD) != NONE;
  let high = parameter_float(b, PARAMETER_THRESHOLD);
  let low = parameter_float(b, PARAMETER_LOW);
  use_confidence_as_key(b, lane);
  memory_barrier();
  for (var i = lane; i < b.count; i += lanes) {
    if (!is_open(b, i)) { continue; }
    let own = confidence(b, i);
    var peak = own > low;
    for (var j = i; peak && j > 0u && is_open(b, j - 1u) && position_of(b, j - 1u) + 1u == position_of(b, j); j--) {
      peak = confidence(b, j - 1u) <= own;
    }
    for (var j = i; peak && j + 1u < b.count; j++) {
      if (!is_open(b, j + 1u) || position_of(b, j) + 1u != position_of(b, j + 1u)) { break; }
      peak = confidence(b, j + 1u) <= own;
    }
    if (peak || (has_high && own > high) || rank_of(b, i) == 0u) { set_verdict(b, i, VERDICT_COMMIT); }
  }
}
