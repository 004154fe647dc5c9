// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/entropyBound.ts. Parameters: gamma, whether the largest entropy counts, the order of rows (0 by entropy,
// 1 by probability), maximum steps (NaN bits: any). The sum runs in sorted order, so one lane makes it; the others find the order.
const PARAMETER_GAMMA = 0u;
const PARAMETER_INCLUSIVE = 1u;
const PARAMETER_ORDER = 2u;
const PARAMETER_ROUNDS = 3u;

var<workgroup> taken: array<u32, 1>;
fn decide(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) {
    set_key(b, i, key_of(select(-statistics[row_of(b, i)].entropy, confidence(b, i), parameter(b, PARAMETER_ORDER) == 1u)));
  }
  memory_barrier();
  // The row of each rank, where the verdicts will be once they are made.
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i)) { set_verdict(b, rank_of(b, i), i); }
  }
  memory_barrier();
  if (lane == 0u) {
    let bound = parameter_float(b, PARAMETER_GAMMA);
    let last = parameter(b, PARAMETER_ROUNDS) != NONE && b.step + 1u >= parameter(b, PARAMETER_ROUNDS);
    // Of the rows that are taken: their largest entropy, and the sum of the others.
    var largest = statistics[row_of(b, verdict(b, 0u))].entropy;
    var rest = 0.0;
    var count = 1u;
    for (; count < b.open; count++) {
      let own = statistics[row_of(b, verdict(b, count))].entropy;
      let others = rest + min(own, largest);
      let larger = max(own, largest);
      if (!last && select(others > bound, others + larger >= bound, parameter(b, PARAMETER_INCLUSIVE) != 0u)) { break; }
      rest = others;
      largest = larger;
    }
    taken[0] = count;
  }
  let count = workgroupUniformLoad(&taken)[0];
  for (var i = lane; i < b.count; i += lanes) { set_verdict(b, i, VERDICT_KEEP); }
  memory_barrier();
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i) && rank_of(b, i) < count) { set_verdict(b, i, VERDICT_COMMIT); }
  }
}
