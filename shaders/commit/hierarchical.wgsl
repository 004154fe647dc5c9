// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/hierarchical.ts. Parameters: the high threshold (NaN bits: none), the low one. A run of masked positions is
// a run of listed ones whose positions follow each other.
fn decide(b: Block, lane: u32) {
  let has_high = parameter(b, 0u) != NONE;
  let high = parameter_float(b, 0u);
  let low = parameter_float(b, 1u);
  use_confidence_as_key(b, lane);
  settle_memory();
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
    if (peak || (has_high && own > high) || rank_of(b, i) == 0u) { set_decision(b, i, COMMITTED); }
  }
}
