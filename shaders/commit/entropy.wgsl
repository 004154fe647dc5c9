// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/entropy.ts: an equal share a step, the least entropy first.
fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) { set_key(b, i, key_of(-stat_float(b, i, STAT_ENTROPY))); }
  commit_highest(b, share(b, parameter(b, 0u)), lane);
}
