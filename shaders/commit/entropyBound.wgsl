// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: settled
// core/decode/entropyBound.ts. Parameters: gamma, whether the largest entropy counts, what makes a row sure (0 entropy,
// 1 probability), most steps (NaN bits: any). The sum runs in sorted order, so one lane makes it; the others find the order.
var<workgroup> taken: array<u32, 1>;
fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) {
    set_key(b, i, key_of(select(-stat_float(b, i, STAT_ENTROPY), confidence(b, i), parameter(b, 2u) == 1u)));
  }
  settle_memory();
  // The place of each rank, in the scratch word that holds decisions until these are made.
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i)) { memory[scratch_at(b, rank_of(b, i))] = i; }
  }
  settle_memory();
  if (lane == 0u) {
    let bound = parameter_float(b, 0u);
    let last = parameter(b, 3u) != NONE && b.step + 1u >= parameter(b, 3u);
    // Of the rows that are taken: their largest entropy, and the sum of the others.
    var largest = stat_float(b, memory[scratch_at(b, 0u)], STAT_ENTROPY);
    var rest = 0.0;
    var count = 1u;
    for (; count < b.open; count++) {
      let own = stat_float(b, memory[scratch_at(b, count)], STAT_ENTROPY);
      let others = rest + min(own, largest);
      let most = max(own, largest);
      if (!last && select(others > bound, others + most >= bound, parameter(b, 1u) != 0u)) { break; }
      rest = others;
      largest = most;
    }
    taken[0] = count;
  }
  let count = workgroupUniformLoad(&taken)[0];
  for (var i = lane; i < b.count; i += lanes) { set_decision(b, i, LEFT_ALONE); }
  settle_memory();
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && rank_of(b, i) < count) { set_decision(b, i, COMMITTED); }
  }
}
