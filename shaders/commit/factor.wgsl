// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/factor.ts. Parameters: the factor, whether as the published code.
const PARAMETER_FACTOR = 0u;
const PARAMETER_REFERENCE = 1u;

var<workgroup> first_failure: atomic<u32>;
fn decide(b: Block, lane: u32) {
  use_confidence_as_key(b, lane);
  if (lane == 0u) { atomicStore(&first_failure, b.open); }
  memory_barrier();
  let published = parameter(b, PARAMETER_REFERENCE) != 0u;
  for (var i = lane; i < b.count; i += lanes) {
    if (!is_open(b, i)) { continue; }
    let rank = rank_of(b, i);
    let bound = 1.0 - parameter_float(b, PARAMETER_FACTOR) / f32(rank + 2u);
    let sure = confidence(b, i);
    let fails = select(sure <= bound, sure < bound, published);
    if (rank > 0u && fails) { atomicMin(&first_failure, rank); }
  }
  workgroupBarrier();
  var count = atomicLoad(&first_failure);
  if (published && count + 1u == b.open) { count++; }
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && rank_of(b, i) < count) { set_verdict(b, i, VERDICT_COMMIT); }
  }
}
