// core/decode/thresholdTopN.ts: aboveOrBest.
var<workgroup> above_count: array<u32, 1>;
fn commit_above_or_best(b: Block, threshold: f32, minimum: u32, lane: u32) {
  var own = 0.0;
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && confidence(b, i) > threshold) { own += 1.0; }
  }
  let total = reduce_sum(own, lane);
  if (lane == 0u) { above_count[0] = u32(total); }
  let above = workgroupUniformLoad(&above_count);
  if (above[0] < minimum) {
    use_confidence_as_key(b, lane);
    commit_highest(b, minimum, lane);
    return;
  }
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && confidence(b, i) > threshold) { set_verdict(b, i, VERDICT_COMMIT); }
  }
}
