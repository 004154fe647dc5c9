// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: aboveOrBest
// core/decode/edit.ts. Parameters: threshold, editing threshold (NaN bits: never edit), maximum steps on a filled
// block, which the first position of the block counts.
const PARAMETER_THRESHOLD = 0u;
const PARAMETER_EDIT = 1u;
const PARAMETER_POST_STEPS = 2u;

fn post_steps_at(b: Block) -> u32 { return (b.base + b.start) * POSITION_MEMORY_WORDS + POSITION_MEMORY_OWN; }

fn decide(b: Block, lane: u32) {
  // What the position holds before a block's first step is another block's.
  if (lane == 0u && b.step == 0u) { memory[post_steps_at(b)] = 0u; }
  if (b.open > 0u) { commit_above_or_best(b, parameter_float(b, PARAMETER_THRESHOLD), 1u, lane); }
  if (parameter(b, PARAMETER_EDIT) == NONE) { return; }
  for (var i = lane; i < b.count; i += lanes) {
    if (!in_block(b, i) || is_open(b, i) || statistics[row_of(b, i)].token == current(b, i)) { continue; }
    if (confidence(b, i) > parameter_float(b, PARAMETER_EDIT)) { set_verdict(b, i, VERDICT_EDIT); }
  }
}

fn is_block_done(b: Block, edits: u32) -> bool {
  let at = post_steps_at(b);
  if (b.open == 0u) { memory[at]++; }
  let changed = b.open > 0u || edits > 0u;
  return parameter(b, PARAMETER_EDIT) == NONE || !changed || memory[at] >= parameter(b, PARAMETER_POST_STEPS);
}
