// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/margin.ts: an equal share of the block in each step, the largest margins first.
const PARAMETER_STEPS = 0u;

fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) {
    set_key(b, i, key_of(statistics[row_of(b, i)].best_probability - statistics[row_of(b, i)].second_probability));
  }
  commit_highest(b, share(b, parameter(b, PARAMETER_STEPS)), lane);
}
