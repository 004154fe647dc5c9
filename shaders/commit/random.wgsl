// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/random.ts: an equal share of the block in each step, at random.
const PARAMETER_STEPS = 0u;

fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) { set_key(b, i, order_bits(b, i)); }
  commit_highest(b, share(b, parameter(b, PARAMETER_STEPS)), lane);
}
fn order_bits(b: Block, i: u32) -> u32 {
  return philox(vec4<u32>(position_of(b, i), b.sequence_step, 0u, 1u), request_seed(b.request)).x;
}
