// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/margin.ts: an equal share a step, the clearest leads first.
fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) {
    set_key(b, i, key_of(stat_float(b, i, STAT_BEST_PROBABILITY) - stat_float(b, i, STAT_SECOND_PROBABILITY)));
  }
  commit_highest(b, share(b, parameter(b, 0u)), lane);
}
