// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/klass.ts. Parameters: steps, history length, threshold, KL threshold. A position counts the steps in a row that stayed below the KL threshold.
const PARAMETER_STEPS = 0u;
const PARAMETER_HISTORY_LENGTH = 1u;
const PARAMETER_THRESHOLD = 2u;
const PARAMETER_KL_THRESHOLD = 3u;

var<workgroup> ready_count: array<u32, 1>;
fn decide(b: Block, lane: u32) {
  var ready = 0.0;
  for (var i = lane; i < b.count; i += lanes) {
    if (!is_open(b, i)) { continue; }
    let at = memory_at(b, i) + POSITION_MEMORY_OWN;
    let before = select(memory[at], 0u, b.step == 0u);
    let moved = statistics[row_of(b, i)].divergence;
    let rests = bitcast<u32>(moved) != INFINITY_BITS && moved < parameter_float(b, PARAMETER_KL_THRESHOLD);
    let stable = select(0u, before + 1u, rests);
    memory[at] = stable;
    if (stable >= parameter(b, PARAMETER_HISTORY_LENGTH) && confidence(b, i) > parameter_float(b, PARAMETER_THRESHOLD)) {
      set_verdict(b, i, VERDICT_COMMIT);
      ready += 1.0;
    }
  }
  let total = reduce_sum(ready, lane);
  if (lane == 0u) { ready_count[0] = u32(total); }
  if (workgroupUniformLoad(&ready_count)[0] > 0u) { return; }
  use_confidence_as_key(b, lane);
  commit_highest(b, share(b, parameter(b, PARAMETER_STEPS)), lane);
}
