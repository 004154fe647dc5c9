// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: aboveOrBest
// core/decode/edit.ts. Parameters: threshold, editing threshold (NaN bits: never edit), most steps on a block without
// masks. Word 8 of the row's state counts these.
fn decide(b: Block, lane: u32) {
  if (b.open > 0u) { commit_above_or_best(b, parameter_float(b, 0u), 1u, lane); }
  if (parameter(b, 1u) == NONE) { return; }
  for (var i = lane; i < b.count; i += lanes) {
    if (!in_block(b, i) || is_open(b, i) || stat(b, i, STAT_TOKEN) == current(b, i)) { continue; }
    if (confidence(b, i) > parameter_float(b, 1u)) { set_decision(b, i, EDITED); }
  }
}

fn is_settled(b: Block, edits: u32) -> bool {
  var post_steps = control_word(state_at(b.state, 8u));
  if (b.open == 0u) {
    post_steps++;
    set_control(state_at(b.state, 8u), post_steps);
  }
  let changed = b.open > 0u || edits > 0u;
  return parameter(b, 1u) == NONE || !changed || post_steps >= parameter(b, 2u);
}
