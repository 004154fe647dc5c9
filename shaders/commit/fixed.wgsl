// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/fixed.ts: an equal share a step, the most confident rows first.
fn decide(b: Block, lane: u32) {
  use_confidence_as_key(b, lane);
  commit_highest(b, share(b, parameter(b, 0u)), lane);
}
