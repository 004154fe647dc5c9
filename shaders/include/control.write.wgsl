// The control buffer, for kernels that list wanted rows or decide. Several workgroups finish rows at once, hence atomics.
@group(0) @binding(1) var<storage, read_write> control: array<atomic<u32>>;
fn control_word(at: u32) -> u32 { return atomicLoad(&control[at]); }
fn set_row_state(row: u32, field: u32, value: u32) {
  atomicStore(&control[BATCH_STATE_WORDS + row * ROW_STATE_WORDS + field], value);
}
/// Ends the row's work.
fn finish_row(row: u32) {
  set_row_state(row, ROW_STATE_ACTIVE, 0u);
  atomicSub(&control[BATCH_STATE_ACTIVE_ROWS], 1u);
}
