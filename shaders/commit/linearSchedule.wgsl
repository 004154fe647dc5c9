// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/linearSchedule.ts. Parameters: the step's quota, what makes a row sure (0 probability, 1 entropy).
const PARAMETER_COUNT = 0u;
const PARAMETER_ORDER = 1u;

fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) {
    set_key(b, i, key_of(select(confidence(b, i), -statistics[row_of(b, i)].entropy, parameter(b, PARAMETER_ORDER) == 1u)));
  }
  commit_highest(b, parameter(b, PARAMETER_COUNT), lane);
}
