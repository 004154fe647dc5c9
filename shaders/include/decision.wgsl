// Decisions of the step: one for each wanted row, in the decoders' memory from `p.scratch_at` on.
fn decision_at(row: u32) -> u32 { return p.scratch_at + DECISION_WORDS * row; }
