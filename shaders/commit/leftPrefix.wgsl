// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/leftPrefix.ts: the first open row, and those after it up to the first confidence below the threshold.
const PARAMETER_THRESHOLD = 0u;

var<workgroup> first_open: atomic<u32>;
var<workgroup> first_below: atomic<u32>;
fn decide(b: Block, lane: u32) {
  if (lane == 0u) {
    atomicStore(&first_open, b.count);
    atomicStore(&first_below, b.count);
  }
  workgroupBarrier();
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i)) { atomicMin(&first_open, i); }
  }
  workgroupBarrier();
  let first = atomicLoad(&first_open);
  let bound = parameter_float(b, PARAMETER_THRESHOLD);
  for (var i = lane; i < b.count; i += lanes) {
    if (i > first && is_open(b, i) && confidence(b, i) < bound) { atomicMin(&first_below, i); }
  }
  workgroupBarrier();
  let stop = atomicLoad(&first_below);
  for (var i = lane; i < stop; i += lanes) {
    if (is_open(b, i)) { set_verdict(b, i, VERDICT_COMMIT); }
  }
}
