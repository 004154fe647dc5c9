// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/linearSchedule.ts. Parameters: the step's quota, what makes a row sure (0 probability, 1 entropy).
fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) {
    set_key(b, i, key_of(select(confidence(b, i), -stat_float(b, i, STAT_ENTROPY), parameter(b, 1u) == 1u)));
  }
  commit_highest(b, parameter(b, 0u), lane);
}
