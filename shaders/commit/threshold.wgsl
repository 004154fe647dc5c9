// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/threshold.ts: every open row whose confidence reaches the threshold, and near-ties of the best one.
const PARAMETER_THRESHOLD = 0u;

fn decide(b: Block, lane: u32) {
  let bound = threshold_bound(highest_confidence(b, lane), parameter_float(b, PARAMETER_THRESHOLD));
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && confidence(b, i) >= bound) { set_verdict(b, i, VERDICT_COMMIT); }
  }
}
