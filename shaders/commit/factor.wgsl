// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/factor.ts. Parameters: the factor, whether as the published code.
var<workgroup> first_failure: atomic<u32>;
fn decide(b: Block, lane: u32) {
  use_confidence_as_key(b, lane);
  if (lane == 0u) { atomicStore(&first_failure, b.open); }
  settle_memory();
  let published = parameter(b, 1u) != 0u;
  for (var i = lane; i < b.count; i += lanes) {
    if (!is_open(b, i)) { continue; }
    let rank = rank_of(b, i);
    let bound = 1.0 - parameter_float(b, 0u) / f32(rank + 2u);
    let sure = confidence(b, i);
    let fails = select(sure <= bound, sure < bound, published);
    if (rank > 0u && fails) { atomicMin(&first_failure, rank); }
  }
  workgroupBarrier();
  var count = atomicLoad(&first_failure);
  if (published && count + 1u == b.open) { count++; }
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && rank_of(b, i) < count) { set_decision(b, i, COMMITTED); }
  }
}
