// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/klass.ts. Parameters: steps, history length, threshold, KL threshold. A position's first word of memory
// counts the steps in a row that stayed below the KL threshold.
var<workgroup> ready_count: array<u32, 1>;
fn decide(b: Block, lane: u32) {
  var ready = 0.0;
  for (var i = lane; i < b.count; i += lanes) {
    if (!is_open(b, i)) { continue; }
    let at = (b.base + position_of(b, i)) * p.memory_words;
    let before = select(memory[at], 0u, b.step == 0u);
    let moved = stat(b, i, STAT_DIVERGENCE);
    let rests = moved != 0x7f800000u && bitcast<f32>(moved) < parameter_float(b, 3u);
    let stable = select(0u, before + 1u, rests);
    memory[at] = stable;
    if (stable >= parameter(b, 1u) && confidence(b, i) > parameter_float(b, 2u)) {
      set_decision(b, i, COMMITTED);
      ready += 1.0;
    }
  }
  let total = reduce_sum(ready, lane);
  if (lane == 0u) { ready_count[0] = u32(total); }
  if (workgroupUniformLoad(&ready_count)[0] > 0u) { return; }
  use_confidence_as_key(b, lane);
  commit_highest(b, share(b, parameter(b, 0u)), lane);
}
