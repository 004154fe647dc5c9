// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/fixed.ts: an equal share of the block in each step, the most confident rows first.
const PARAMETER_STEPS = 0u;

fn decide(b: Block, lane: u32) {
  use_confidence_as_key(b, lane);
  commit_highest(b, share(b, parameter(b, PARAMETER_STEPS)), lane);
}
